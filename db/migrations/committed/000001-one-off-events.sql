--! Previous: -
--! Hash: sha1:08e4675b789cdda54592447f2d2c6f04905becd3
--! Message: one-off events

--! Included roles.sql
-- Roles belong to the whole Postgres cluster: another database of it may be creating them now.
do $roles$
declare
  v_role text;
begin
  foreach v_role in array array[
    'scheduler_owner nologin', 'scheduler_engine nologin',
    'scheduler_producer nologin', 'scheduler_operator nologin', 'scheduler_reader nologin',
    'scheduler_api login', 'scheduler_relay login'
  ] loop
    begin
      execute format('create role %s', v_role);
    exception when duplicate_object or unique_violation then
      raise debug '% is there already', v_role;
    end;
  end loop;
end
$roles$;

comment on role scheduler_owner is 'Owns every object of the scheduler; its row level security is forced, so the functions that it runs for callers see what the caller may see.';
comment on role scheduler_engine is 'Owner of the functions of relay and tick: sees every row. The only role that publishes, fails or counts attempts.';
comment on role scheduler_producer is 'May schedule events and see and change its own.';
comment on role scheduler_operator is 'May see and change everything and grant topics.';
comment on role scheduler_reader is 'May see everything but payload, key and headers.';
comment on role scheduler_api is 'Login of the API; acts as the identity of its transaction-local settings scheduler.identity and scheduler.identity_role.';
comment on role scheduler_relay is 'Login of the relays.';
--! EndIncluded roles.sql
--! Included schemas.sql
create schema scheduler;
create schema scheduler_private;
alter schema scheduler owner to scheduler_owner;
alter schema scheduler_private owner to scheduler_owner;
comment on schema scheduler is 'The event scheduler: what GraphQL shows, REST calls and DBAs use.';
comment on schema scheduler_private is 'Tables and inner functions of the event scheduler.';
grant usage on schema scheduler to scheduler_api, scheduler_relay, scheduler_producer, scheduler_operator, scheduler_reader, scheduler_engine;
grant usage on schema scheduler_private to scheduler_api, scheduler_relay, scheduler_engine;
--! EndIncluded schemas.sql

--! Included types/event_status.sql
create type scheduler.event_status as enum ('SCHEDULED', 'PUBLISHED', 'CANCELED', 'FAILED');
alter type scheduler.event_status owner to scheduler_owner;
comment on type scheduler.event_status is 'SCHEDULED until dealt with; PUBLISHED: it is on its topic, once; CANCELED: by the user, or passed over; FAILED: rejected three times, or not allowed. The last three are final.';
--! EndIncluded types/event_status.sql
--! Included types/event_input.sql
create type scheduler.event_input as (
  id text,
  scheduled_at text,
  timezone text,
  payload bytea,
  destination_topic text,
  ends_at text,
  recurrence text,
  gap text,
  overlap text,
  missed text,
  max_lateness text,
  key text,
  headers jsonb
);
alter type scheduler.event_input owner to scheduler_owner;
comment on type scheduler.event_input is 'An event as its producer gives it. Absent optional fields are null.';
comment on column scheduler.event_input.id is 'A UUID chosen by the caller; absent: the server makes one (version 7).';
comment on column scheduler.event_input.scheduled_at is 'RFC 3339 date-time. With Z or an offset: that instant. Without: wall time in timezone.';
comment on column scheduler.event_input.timezone is 'IANA time zone name, default UTC.';
comment on column scheduler.event_input.payload is 'The value of the Kafka message, byte for byte. May be empty.';
comment on column scheduler.event_input.destination_topic is 'Kafka topic.';
comment on column scheduler.event_input.ends_at is 'RFC 3339 date-time, not before scheduled_at. Informational.';
comment on column scheduler.event_input.recurrence is 'RFC 5545 recurrence lines. Not supported yet: refused.';
comment on column scheduler.event_input.gap is 'What a local time means that a clock change skips: shift (default).';
comment on column scheduler.event_input.overlap is 'What a local time means that a clock change repeats: first (default) or last.';
comment on column scheduler.event_input.missed is 'For series only.';
comment on column scheduler.event_input.max_lateness is 'ISO 8601 duration; later than this the event is not published any more.';
comment on column scheduler.event_input.key is 'Key of the Kafka message, default the event id. Messages of one key keep the order of their instants.';
comment on column scheduler.event_input.headers is 'Headers of the Kafka message: an object of strings.';
--! EndIncluded types/event_input.sql
--! Included types/moment.sql
create type scheduler_private.moment as (
  local timestamp,
  instant timestamptz,
  second_pass boolean
);
alter type scheduler_private.moment owner to scheduler_owner;
comment on type scheduler_private.moment is 'A date-time as it was given: local is null for an instant; second_pass: the later of two instants that show the same local time.';
--! EndIncluded types/moment.sql
--! Included types/normal_event.sql
create type scheduler_private.normal_event as (
  id text,
  timezone text,
  scheduled scheduler_private.moment,
  ends scheduler_private.moment,
  destination_topic text,
  gap text,
  overlap text,
  max_lateness interval,
  payload bytea,
  key text,
  headers jsonb,
  content_hash bytea
);
alter type scheduler_private.normal_event owner to scheduler_owner;
comment on type scheduler_private.normal_event is 'An event_input that was checked and given its defaults.';
--! EndIncluded types/normal_event.sql

--! Included tables/error_codes.sql
create table scheduler_private.error_codes (
  code text primary key,
  sqlstate text not null unique constraint error_codes_sqlstate_is_ours check (sqlstate ~ '^SC[0-9A-Z]{3}$'),
  http_status integer not null,
  title text not null,
  hint text not null
);
alter table scheduler_private.error_codes owner to scheduler_owner;
comment on table scheduler_private.error_codes is 'The one list of our errors: the same code, SQLSTATE and words in SQL, GraphQL and REST.';
comment on column scheduler_private.error_codes.code is 'Stable name; constraint_name of the SQL error, code of the REST problem, extensions.code in GraphQL.';
comment on column scheduler_private.error_codes.sqlstate is 'SQLSTATE, class SC.';
comment on column scheduler_private.error_codes.http_status is 'Status of the REST answer.';
comment on column scheduler_private.error_codes.title is 'MESSAGE of the SQL error, title of the problem.';
comment on column scheduler_private.error_codes.hint is 'HINT: what would be right.';
grant select on scheduler_private.error_codes to scheduler_api;

insert into scheduler_private.error_codes (code, sqlstate, http_status, title, hint) values
  ('invalid_id', 'SC001', 400, 'Invalid event id', 'Give a UUID, or none: then the server makes one.'),
  ('invalid_date_time', 'SC002', 400, 'Invalid date-time', 'Give YYYY-MM-DDThh:mm:ss with at most six decimals, followed by Z, an offset such as +09:00, or nothing for wall time in timezone.'),
  ('invalid_timezone', 'SC003', 400, 'Unknown time zone', 'Give UTC or an IANA name such as Asia/Tokyo, in its exact spelling.'),
  ('invalid_payload', 'SC004', 400, 'Invalid payload', 'Give the bytes of the message (Base64 in REST and GraphQL); zero bytes are legal.'),
  ('invalid_topic', 'SC005', 400, 'Invalid destination topic', 'Give 1 to 249 of a-z A-Z 0-9 . _ -, not starting with __ and not ending with -lane-ledger.'),
  ('invalid_ends_at', 'SC006', 400, 'endsAt is before scheduledAt', 'Give an endsAt that is not before scheduledAt, or none.'),
  ('invalid_policy', 'SC007', 400, 'Invalid gap, overlap or missed', 'A one-off event takes gap shift and overlap first or last; missed is for series.'),
  ('invalid_duration', 'SC008', 400, 'Invalid duration', 'Give an ISO 8601 duration such as PT15M.'),
  ('invalid_headers', 'SC009', 400, 'Invalid headers', 'Give an object of strings; names starting with ce_ (but ce_type and ce_source) or scheduler- are ours.'),
  ('message_too_large', 'SC010', 400, 'Message too large', 'Payload, key and headers together may have max_message_bytes of scheduler.settings.'),
  ('recurrence_unsupported', 'SC011', 400, 'Recurrence is not supported yet', 'Schedule one event for each instant.'),
  ('duplicate_id', 'SC012', 400, 'The same id twice in one batch', 'Give each event its own id.'),
  ('invalid_event', 'SC013', 400, 'Invalid event', 'Give the named field as its description says.'),
  ('not_identified', 'SC020', 401, 'No identity', 'Say who you are.'),
  ('forbidden', 'SC021', 403, 'Not allowed', 'Ask an operator for the role.'),
  ('topic_not_granted', 'SC022', 403, 'The owner is not granted this topic', 'An operator can grant it: scheduler.grant_topic(identity, topic, prefix).'),
  ('not_found', 'SC030', 404, 'No such event', 'Check the id; final events leave after the retention time.'),
  ('id_taken', 'SC040', 409, 'The id is taken', 'Use a new id; to repeat a creation send the same content again.'),
  ('final', 'SC041', 409, 'The event is final', 'PUBLISHED, CANCELED and FAILED events never change; schedule a new event with a new id.'),
  ('in_flight', 'SC042', 409, 'The event is being published', 'Try again in a new transaction.'),
  ('status_mismatch', 'SC043', 409, 'The event has another status', 'Read the event again.'),
  ('isolation_level', 'SC044', 409, 'Events change under READ COMMITTED only', 'A snapshot taken earlier would hide that an event is being published.'),
  ('immutable', 'SC045', 409, 'This cannot be changed', 'id, owner, createdAt and content_hash stay; status, retry and publishedAt are the relay''s.'),
  ('not_deletable', 'SC046', 409, 'Events are deleted by retention only', 'Cancel it; final events leave after settings.retention.'),
  ('fence_lost', 'SC060', 409, 'Another relay has taken this lane over', 'For relays: give the lane up.'),
  ('batch_open', 'SC061', 409, 'The lane has an open batch', 'For relays: resolve it by the ledger first.'),
  ('lane_quarantined', 'SC062', 409, 'The lane is quarantined', 'An operator decides: scheduler.resolve_quarantine(lane, decision).'),
  ('deployment_mismatch', 'SC063', 409, 'This database belongs to another deployment or Kafka cluster', 'Set DEPLOYMENT to the stored name and KAFKA_BROKERS to the stored cluster, or adopt the copy: scheduler.adopt_deployment(name, kafka_cluster_id).'),
  ('not_quarantined', 'SC064', 409, 'The lane is not quarantined', 'Look at scheduler.lanes.'),
  ('batches_open', 'SC065', 409, 'A lane has an open batch', 'Stop every relay gracefully first.');
--! EndIncluded tables/error_codes.sql
--! Included tables/settings.sql
create table scheduler_private.settings (
  only_row boolean primary key default true constraint settings_has_one_row check (only_row),
  delivery_mode text not null default 'exactly_once'
    constraint settings_delivery_mode check (delivery_mode in ('exactly_once', 'at_least_once')),
  max_message_bytes integer not null default 900000
    constraint settings_max_message_bytes check (max_message_bytes between 1 and 10000000),
  retry_delays interval[] not null default array['10 seconds', '1 minute']::interval[]
    constraint settings_retry_delays check (cardinality(retry_delays) >= 1 and array_position(retry_delays, null) is null and '0' < all (retry_delays)),
  retention interval not null default '30 days'
    constraint settings_retention check (retention >= '0'),
  horizon interval not null default '10 seconds'
    constraint settings_horizon check (horizon > '0'),
  look_ahead interval not null default '0'
    constraint settings_look_ahead check (look_ahead between '0' and '1 second'),
  ce_source text
);
alter table scheduler_private.settings owner to scheduler_owner;
insert into scheduler_private.settings default values;
comment on table scheduler_private.settings is 'What every process of this deployment must agree on: one row.';
comment on column scheduler_private.settings.delivery_mode is 'exactly_once: Kafka transactions with a ledger. at_least_once: without transactions; a repeat carries the same ce_id. A batch is resolved by the mode that it was claimed under.';
comment on column scheduler_private.settings.max_message_bytes is 'Most bytes of payload, key and headers together.';
comment on column scheduler_private.settings.retry_delays is 'Delay after the first, second … rejected attempt.';
comment on column scheduler_private.settings.retention is 'How long an event is kept after it became final.';
comment on column scheduler_private.settings.horizon is 'Work due within this time is notified at once; later work is left to the tick.';
comment on column scheduler_private.settings.look_ahead is 'How long before its instant an event may be claimed, so that its Kafka transaction is ready to be committed at the instant. What is claimed can no longer be cancelled. 0: claimed at the instant.';
comment on column scheduler_private.settings.ce_source is 'Header ce_source; null: /scheduler/<deployment>.';
grant select on scheduler_private.settings to scheduler_engine, scheduler_api, scheduler_relay;
--! EndIncluded tables/settings.sql
--! Included tables/deployment.sql
create table scheduler_private.deployment (
  only_row boolean primary key default true constraint deployment_has_one_row check (only_row),
  name text not null,
  kafka_cluster_id text not null,
  installed_at timestamptz not null default now()
);
alter table scheduler_private.deployment owner to scheduler_owner;
comment on table scheduler_private.deployment is 'Who this database belongs to: written once, by the first relay. Empty: not installed yet.';
comment on column scheduler_private.deployment.name is 'Prefix of everything it owns in Kafka.';
comment on column scheduler_private.deployment.kafka_cluster_id is 'The Kafka cluster that holds its ledger.';
grant select, insert on scheduler_private.deployment to scheduler_engine;
--! EndIncluded tables/deployment.sql
--! Included tables/timezones.sql
create table scheduler_private.timezones (
  name text primary key
);
alter table scheduler_private.timezones owner to scheduler_owner;
comment on table scheduler_private.timezones is 'UTC and the Area/Location names that both Postgres and Node know; kept by set-up (db/timezones.ts). Postgres alone would take FOO+3 for a zone.';
--! EndIncluded tables/timezones.sql
--! Included tables/topic_grants.sql
create table scheduler_private.topic_grants (
  identity text not null,
  topic text not null,
  prefix boolean not null,
  granted_by text not null,
  granted_at timestamptz not null default now(),
  primary key (identity, topic, prefix),
  constraint topic_grants_identity_is_given check (identity <> ''),
  constraint topic_grants_literal_is_given check (prefix or topic <> '')
);
alter table scheduler_private.topic_grants owner to scheduler_owner;
alter table scheduler_private.topic_grants enable row level security;
alter table scheduler_private.topic_grants force row level security;
comment on table scheduler_private.topic_grants is 'Which topics the events of an identity may go to.';
comment on column scheduler_private.topic_grants.identity is 'Owner of events: <issuer alias>:<sub>, sql:<login role>, local or the anonymous identity.';
comment on column scheduler_private.topic_grants.topic is 'A topic, or the beginning of its name when prefix is true; the empty prefix grants every topic.';
grant select on scheduler_private.topic_grants to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;

insert into scheduler_private.topic_grants (identity, topic, prefix, granted_by) values
  ('sql:' || session_user, '', true, 'set-up'),
  ('local', '', true, 'set-up');
--! EndIncluded tables/topic_grants.sql
--! Included tables/relays.sql
create table scheduler_private.relays (
  id uuid primary key,
  label text not null,
  started_at timestamptz not null default now(),
  alive_until timestamptz not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.relays owner to scheduler_owner;
comment on table scheduler_private.relays is 'Relays that are alive, so that lanes can be shared fairly among them.';
comment on column scheduler_private.relays.label is 'Host and process id, for people.';
grant select, insert, update, delete on scheduler_private.relays to scheduler_engine;
--! EndIncluded tables/relays.sql
--! Included tables/lanes.sql
create table scheduler_private.lanes (
  lane smallint primary key constraint lanes_are_numbered_from_zero check (lane >= 0),
  relay_id uuid,
  lease_until timestamptz,
  fence bigint not null default 0,
  last_confirmed uuid not null default gen_random_uuid(),
  ledger text not null default 'unseeded'
    constraint lanes_ledger check (ledger in ('unseeded', 'seeded', 'reseed')),
  quarantined_at timestamptz,
  quarantine_reason text,
  constraint lanes_lease_has_an_owner check ((relay_id is null) = (lease_until is null)),
  constraint lanes_quarantine_has_a_reason check ((quarantined_at is null) = (quarantine_reason is null))
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.lanes owner to scheduler_owner;
insert into scheduler_private.lanes (lane) select generate_series(0, 3);
comment on table scheduler_private.lanes is 'Units of order, concurrency and exactly-once: at any time one relay owns a lane.';
comment on column scheduler_private.lanes.fence is 'Grows at each takeover; every claim and confirm presents it, an old one is refused.';
comment on column scheduler_private.lanes.last_confirmed is 'The batch that the ledger in Kafka shows when no batch is open.';
comment on column scheduler_private.lanes.ledger is 'unseeded: last_confirmed is to be written to an empty ledger; reseed: whatever the ledger says (an operator decided, or it was not kept in at_least_once mode); seeded: it is there.';
comment on column scheduler_private.lanes.quarantine_reason is 'Why the lane stands still until an operator decides.';
grant select, insert, update, delete on scheduler_private.lanes to scheduler_engine;
--! EndIncluded tables/lanes.sql
--! Included tables/batches.sql
create table scheduler_private.batches (
  lane smallint constraint one_open_batch_per_lane primary key references scheduler_private.lanes,
  id uuid not null default gen_random_uuid(),
  delivery_mode text not null,
  event_ids text[] not null constraint batches_are_not_empty check (cardinality(event_ids) > 0),
  claimed_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000);
alter table scheduler_private.batches owner to scheduler_owner;
alter table scheduler_private.batches alter column event_ids set compression lz4;
comment on table scheduler_private.batches is 'The open batch of a lane: claimed, not yet confirmed, discarded or rejected. What it names cannot be changed.';
comment on column scheduler_private.batches.id is 'Never used again, so that the ledger can tell it from every other.';
comment on column scheduler_private.batches.event_ids is 'In the order in which they are sent.';
grant select, insert, delete on scheduler_private.batches to scheduler_engine;
--! EndIncluded tables/batches.sql
--! Included tables/events.sql
create table scheduler_private.events (
  id text collate "C" primary key,
  owner text not null,
  lane smallint not null,
  status scheduler.event_status not null default 'SCHEDULED',
  retry smallint not null default 0,
  scheduled_second_pass boolean not null default false,
  ends_second_pass boolean not null default false,
  scheduled_instant timestamptz not null,
  due_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  published_at timestamptz,
  scheduled_local timestamp,
  ends_local timestamp,
  ends_instant timestamptz,
  timezone text not null,
  destination_topic text not null,
  gap text not null default 'shift',
  overlap text not null default 'first',
  max_lateness interval,
  last_error text,
  content_hash bytea not null,

  -- Cheap, because every status change evaluates it; the topic's name is checked by trigger.
  constraint events_id_is_a_uuid check (id = id::uuid::text),
  constraint events_gap check (gap = 'shift'),
  constraint events_overlap check (overlap in ('first', 'last')),
  constraint events_second_pass_is_local
    check ((scheduled_local is not null or not scheduled_second_pass)
      and (ends_local is not null or not ends_second_pass)),
  constraint events_end_is_not_before_the_start check (ends_instant >= scheduled_instant),
  constraint events_end_has_an_instant check (ends_local is null or ends_instant is not null),
  constraint events_max_lateness check (max_lateness >= '0'),
  constraint events_are_due_while_scheduled check ((due_at is not null) = (status = 'SCHEDULED')),
  constraint events_are_not_due_early check (due_at >= scheduled_instant),
  constraint events_published_have_their_time check ((published_at is not null) = (status = 'PUBLISHED')),
  constraint events_failed_say_why check (status <> 'FAILED' or last_error is not null),
  constraint events_scheduled_have_attempts_left check (retry between 0 and 3 and (status <> 'SCHEDULED' or retry <= 2))
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.05);
alter table scheduler_private.events owner to scheduler_owner;
alter table scheduler_private.events enable row level security;
alter table scheduler_private.events force row level security;

create index events_due on scheduler_private.events (lane, due_at) where due_at is not null;
create index events_final on scheduler_private.events (updated_at) where due_at is null;

comment on table scheduler_private.events is 'Every event and its state; what is sent is in event_contents. Read it through scheduler.events.';
comment on column scheduler_private.events.owner is 'Identity that created it.';
comment on column scheduler_private.events.lane is 'Hash of its key: order holds within a lane.';
comment on column scheduler_private.events.retry is 'Rejected attempts so far.';
comment on column scheduler_private.events.scheduled_local is 'Wall time in timezone, the truth for events that were given one; null: an instant was given.';
comment on column scheduler_private.events.scheduled_second_pass is 'Of two instants with this wall time the later one was named, by its offset.';
comment on column scheduler_private.events.scheduled_instant is 'When it is to be published.';
comment on column scheduler_private.events.due_at is 'When the relay has work with it: its instant, or its next attempt. Null once it is final.';
comment on column scheduler_private.events.updated_at is 'Last change; for a final event when it became final.';
comment on column scheduler_private.events.max_lateness is 'Not published later than this after its instant.';
comment on column scheduler_private.events.last_error is 'Code of the last rejection; missed when it was passed over.';
comment on column scheduler_private.events.content_hash is 'SHA-256 of its first creation, so that a repeated creation is told from another event.';
grant select on scheduler_private.events to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, update, delete on scheduler_private.events to scheduler_engine;
--! EndIncluded tables/events.sql
--! Included tables/event_contents.sql
create table scheduler_private.event_contents (
  event_id text collate "C" primary key references scheduler_private.events on delete cascade,
  owner text not null,
  payload bytea not null,
  key text constraint event_contents_key_is_given check (key <> ''),
  headers jsonb not null default '{}'
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
alter table scheduler_private.event_contents owner to scheduler_owner;
alter table scheduler_private.event_contents enable row level security;
alter table scheduler_private.event_contents force row level security;
-- Payloads are often compressed or encrypted already; out of line they are never copied again.
alter table scheduler_private.event_contents alter column payload set storage external;
comment on table scheduler_private.event_contents is 'What is sent: apart from the state, so that a change of status never rewrites it and readers do not see it.';
comment on column scheduler_private.event_contents.owner is 'Owner of the event, for row level security.';
comment on column scheduler_private.event_contents.key is 'Kafka message key; null: the event id.';
grant select on scheduler_private.event_contents to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader, scheduler_engine;
--! EndIncluded tables/event_contents.sql
--! Included tables/attempts.sql
create table scheduler_private.attempts (
  event_id text collate "C" not null references scheduler_private.events on delete cascade,
  attempt smallint not null constraint attempts_are_numbered check (attempt between 1 and 3),
  attempted_at timestamptz not null,
  code text not null,
  message text not null,
  primary key (event_id, attempt)
);
alter table scheduler_private.attempts owner to scheduler_owner;
alter table scheduler_private.attempts enable row level security;
alter table scheduler_private.attempts force row level security;
comment on table scheduler_private.attempts is 'Rejected attempts: the broker, or the relay''s check in front of it, refused this event.';
comment on column scheduler_private.attempts.code is 'Stable name of the reason, such as unknown_topic.';
grant select on scheduler_private.attempts to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert on scheduler_private.attempts to scheduler_engine;
--! EndIncluded tables/attempts.sql
--! Included tables/ticks.sql
create table scheduler_private.ticks (
  only_row boolean primary key default true constraint ticks_has_one_row check (only_row),
  ticked_at timestamptz,
  oldest_due_at timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.ticks owner to scheduler_owner;
insert into scheduler_private.ticks default values;
comment on table scheduler_private.ticks is 'What the last tick saw.';
comment on column scheduler_private.ticks.oldest_due_at is 'The oldest overdue instant of all lanes, null when nothing was overdue.';
grant select, update on scheduler_private.ticks to scheduler_engine;
grant select on scheduler_private.ticks to scheduler_api;
--! EndIncluded tables/ticks.sql

--! Included functions/refuse.sql
create or replace function scheduler_private.refuse(
  p_code text,
  p_field text default '',
  p_detail text default ''
) returns void
language plpgsql stable security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error error_codes;
begin
  select * into strict v_error from error_codes where code = p_code;
  raise exception using
    errcode = v_error.sqlstate,
    message = v_error.title,
    detail = coalesce(p_detail, ''),
    hint = v_error.hint,
    column = coalesce(p_field, ''),
    constraint = v_error.code;
end
$$;
alter function scheduler_private.refuse(text, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.refuse(text, text, text) from public;
grant execute on function scheduler_private.refuse(text, text, text) to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.refuse(text, text, text) is 'Raises one of error_codes: the field at fault travels as COLUMN_NAME, the code as CONSTRAINT_NAME.';
--! EndIncluded functions/refuse.sql
--! Included functions/identity.sql
create or replace function scheduler.identity() returns text
language sql stable
return case
  when session_user = 'scheduler_api' then nullif(current_setting('scheduler.identity', true), '')
  else 'sql:' || session_user
end;
alter function scheduler.identity() owner to scheduler_owner;
revoke all on function scheduler.identity() from public;
grant execute on function scheduler.identity() to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.identity() is E'@omit\nWho calls: for the API what its transaction says, for everyone else sql:<login role>. Null: nobody.';
--! EndIncluded functions/identity.sql
--! Included functions/identity_role.sql
create or replace function scheduler.identity_role() returns text
language sql stable
return case
  when session_user = 'scheduler_api' then
    case when nullif(current_setting('scheduler.identity', true), '') is not null
      then nullif(current_setting('scheduler.identity_role', true), '') end
  when pg_has_role(session_user, 'scheduler_operator', 'member') then 'operator'
  when pg_has_role(session_user, 'scheduler_producer', 'member') then 'producer'
  when pg_has_role(session_user, 'scheduler_reader', 'member') then 'reader'
end;
alter function scheduler.identity_role() owner to scheduler_owner;
revoke all on function scheduler.identity_role() from public;
grant execute on function scheduler.identity_role() to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.identity_role() is E'@omit\nproducer, operator or reader: for the API what its transaction says, for login roles by membership. Null: none.';
--! EndIncluded functions/identity_role.sql
--! Included functions/require_role.sql
create or replace function scheduler_private.require_role(variadic p_roles text[]) returns void
language plpgsql stable
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_identity constant text := identity();
  v_role constant text := identity_role();
begin
  if v_identity is null then
    perform refuse('not_identified');
  elsif v_role is null or v_role <> all (p_roles) then
    perform refuse('forbidden', '', format('This takes the role %s; %s has %s.',
      array_to_string(p_roles, ' or '), v_identity, coalesce(v_role, 'none')));
  end if;
end
$$;
alter function scheduler_private.require_role(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.require_role(text[]) from public;
grant execute on function scheduler_private.require_role(text[]) to scheduler_engine;
comment on function scheduler_private.require_role(text[]) is 'Raises not_identified or forbidden unless the caller has one of the roles.';
--! EndIncluded functions/require_role.sql
--! Included functions/topic_is_granted.sql
create or replace function scheduler_private.topic_is_granted(p_identity text, p_topic text) returns boolean
language sql stable security definer
set search_path = scheduler_private, pg_temp
as $$
  select exists (
    select from topic_grants g
    where g.identity = p_identity and (g.topic = p_topic or g.prefix and starts_with(p_topic, g.topic))
  )
$$;
alter function scheduler_private.topic_is_granted(text, text) owner to scheduler_engine;
revoke all on function scheduler_private.topic_is_granted(text, text) from public;
grant execute on function scheduler_private.topic_is_granted(text, text) to scheduler_owner;
comment on function scheduler_private.topic_is_granted(text, text) is 'Whether the events of the identity may go to the topic. Runs as the engine: an operator moves another''s event under that owner''s grants.';
--! EndIncluded functions/topic_is_granted.sql
--! Included policies.sql
-- Who sees and changes which rows, whatever door they come through.
create policy engine_sees_all on scheduler_private.events to scheduler_engine using (true) with check (true);
create policy own_or_role_sees on scheduler_private.events for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) in ('operator', 'reader'));
create policy own_is_created on scheduler_private.events for insert to scheduler_owner
  with check (owner = (select scheduler.identity()));
create policy own_or_operator_changes on scheduler_private.events for update to scheduler_owner
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');

create policy engine_sees_all on scheduler_private.event_contents to scheduler_engine using (true) with check (true);
create policy own_or_operator_sees on scheduler_private.event_contents for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using ((owner = (select scheduler.identity()) and (select scheduler.identity_role()) <> 'reader')
    or (select scheduler.identity_role()) = 'operator');
create policy own_is_created on scheduler_private.event_contents for insert to scheduler_owner
  with check (owner = (select scheduler.identity()));
create policy own_or_operator_changes on scheduler_private.event_contents for update to scheduler_owner
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');

create policy engine_sees_all on scheduler_private.attempts to scheduler_engine using (true) with check (true);
create policy with_its_event on scheduler_private.attempts for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.events e where e.id = event_id));

create policy engine_sees_all on scheduler_private.topic_grants to scheduler_engine using (true);
create policy own_or_operator_sees on scheduler_private.topic_grants for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (identity = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');
create policy operator_grants on scheduler_private.topic_grants for insert to scheduler_owner
  with check ((select scheduler.identity_role()) = 'operator');
create policy operator_revokes on scheduler_private.topic_grants for delete to scheduler_owner
  using ((select scheduler.identity_role()) = 'operator');
--! EndIncluded policies.sql

--! Included functions/utc_offset.sql
create or replace function scheduler_private.utc_offset(p_instant timestamptz, p_timezone text) returns interval
language sql stable parallel safe
return (p_instant at time zone p_timezone) - (p_instant at time zone 'UTC');
alter function scheduler_private.utc_offset(timestamptz, text) owner to scheduler_owner;
revoke all on function scheduler_private.utc_offset(timestamptz, text) from public;
grant execute on function scheduler_private.utc_offset(timestamptz, text) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.utc_offset(timestamptz, text) is 'What a clock in the zone is ahead of UTC at that instant.';
--! EndIncluded functions/utc_offset.sql
--! Included functions/resolve_local.sql
create or replace function scheduler_private.resolve_local(
  p_local timestamp,
  p_timezone text,
  p_overlap text default 'first'
) returns timestamptz
language plpgsql stable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_as_utc constant timestamptz := p_local at time zone 'UTC';
  v_before constant interval := utc_offset(v_as_utc - interval '24 hours', p_timezone);
  v_after constant interval := utc_offset(v_as_utc + interval '24 hours', p_timezone);
  v_first timestamptz := v_as_utc - v_before;
  v_last timestamptz := v_as_utc - v_after;
begin
  if v_before = v_after then
    return v_first;
  end if;
  -- Postgres alone would read a skipped or doubled time by the offset that it likes best.
  if v_first at time zone p_timezone <> p_local then
    if v_last at time zone p_timezone <> p_local then
      return v_first;
    end if;
    return v_last;
  elsif v_last at time zone p_timezone <> p_local then
    return v_first;
  end if;
  return case p_overlap when 'last' then greatest(v_first, v_last) else least(v_first, v_last) end;
end
$$;
alter function scheduler_private.resolve_local(timestamp, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.resolve_local(timestamp, text, text) from public;
comment on function scheduler_private.resolve_local(timestamp, text, text) is 'The instant of a wall time: one that a clock change skips is shifted forward by the gap (RFC 5545 3.3.5), one that it repeats is the first or the last of its two instants.';
--! EndIncluded functions/resolve_local.sql
--! Included functions/is_second_pass.sql
create or replace function scheduler_private.is_second_pass(
  p_local timestamp,
  p_instant timestamptz,
  p_timezone text
) returns boolean
language sql stable
return p_instant at time zone p_timezone = p_local
  and scheduler_private.resolve_local(p_local, p_timezone, 'first') <> p_instant;
alter function scheduler_private.is_second_pass(timestamp, timestamptz, text) owner to scheduler_owner;
revoke all on function scheduler_private.is_second_pass(timestamp, timestamptz, text) from public;
comment on function scheduler_private.is_second_pass(timestamp, timestamptz, text) is 'Whether a clock in the zone shows this wall time at this instant for the second time.';
--! EndIncluded functions/is_second_pass.sql
--! Included functions/parse_moment.sql
create or replace function scheduler_private.parse_moment(
  p_text text,
  p_timezone text,
  p_overlap text,
  p_field text
) returns scheduler_private.moment
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_text constant text := upper(p_text);
  v_rest text[] := array[null, substr(v_text, 20)];
  v_month_starts date;
  v_days integer;
  v_local timestamp;
  v_instant timestamptz;
begin
  -- By position and not by one regular expression, which would take a third of a creation's time.
  if v_rest[2] not in ('', 'Z') then
    v_rest := regexp_match(v_rest[2], '^(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$');
  end if;
  if v_rest is null
    or v_text not like '____-__-__T__:__:__%' or translate(left(v_text, 19), '0123456789', '') <> '--T::'
    or left(v_text, 4) = '0000' or substr(v_text, 6, 2) not between '01' and '12'
    or substr(v_text, 12, 2) > '23' or substr(v_text, 15, 2) > '59' or substr(v_text, 18, 2) > '59'
    or substr(v_rest[2], 2, 2) > '23' or substr(v_rest[2], 5, 2) > '59' then
    perform refuse('invalid_date_time', p_field, format('%L is not a date-time.', left(p_text, 60)));
  end if;
  v_month_starts := make_date(left(v_text, 4)::integer, substr(v_text, 6, 2)::integer, 1);
  v_days := substr(v_text, 9, 2)::integer;
  if v_days not between 1 and extract(day from v_month_starts + interval '1 month - 1 day') then
    perform refuse('invalid_date_time', p_field, format('%s has no day %s.', left(v_text, 7), v_days));
  end if;
  v_local := v_month_starts + (v_days - 1) + (substr(v_text, 12, 8) || coalesce(v_rest[1], ''))::time;

  if coalesce(v_rest[2], '') = '' then
    v_instant := resolve_local(v_local, p_timezone, p_overlap);
  elsif v_rest[2] = 'Z' then
    v_instant := v_local at time zone 'UTC';
  else
    v_instant := v_local at time zone 'UTC' - v_rest[2]::interval;
  end if;
  if v_instant not between '0001-01-01 00:00Z' and '9999-12-31 23:59:59.999999Z' then
    perform refuse('invalid_date_time', p_field, 'The instant in UTC lies outside the years 0001 to 9999.');
  end if;

  if coalesce(v_rest[2], '') = '' then
    return row(v_local, v_instant, false)::moment;
  elsif v_rest[2] <> 'Z' and is_second_pass(v_local, v_instant, p_timezone) then
    return row(v_local, v_instant, true)::moment;
  end if;
  return row(null, v_instant, false)::moment;
end
$$;
alter function scheduler_private.parse_moment(text, text, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.parse_moment(text, text, text, text) from public;
comment on function scheduler_private.parse_moment(text, text, text, text) is 'Reads an RFC 3339 date-time: an instant, or without Z and offset wall time in the zone. An offset that names the second pass of a doubled wall time is kept as that wall time, as it is read back.';
--! EndIncluded functions/parse_moment.sql
--! Included functions/format_moment.sql
create or replace function scheduler_private.format_moment(
  p_local timestamp,
  p_instant timestamptz,
  p_second_pass boolean
) returns text
language sql stable parallel safe
return rtrim(rtrim(to_char(coalesce(p_local, p_instant at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.')
  || case
    when p_local is null then 'Z'
    when p_second_pass then
      case when p_local < p_instant at time zone 'UTC' then '-' else '+' end
      || to_char(greatest(p_local - (p_instant at time zone 'UTC'), (p_instant at time zone 'UTC') - p_local), 'HH24:MI')
    else ''
  end;
alter function scheduler_private.format_moment(timestamp, timestamptz, boolean) owner to scheduler_owner;
revoke all on function scheduler_private.format_moment(timestamp, timestamptz, boolean) from public;
grant execute on function scheduler_private.format_moment(timestamp, timestamptz, boolean) to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.format_moment(timestamp, timestamptz, boolean) is 'A date-time as it was given: wall time without offset, an instant with Z, the second pass of a doubled wall time with its offset.';
--! EndIncluded functions/format_moment.sql
--! Included functions/parse_duration.sql
create or replace function scheduler_private.parse_duration(p_text text, p_field text) returns interval
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_text !~ '^P(?=.*\d[YMWDHS]$)(\d{1,8}Y)?(\d{1,8}M)?(\d{1,8}W)?(\d{1,9}D)?(T(?=\d)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,6})?S)?)?$' then
    perform refuse('invalid_duration', p_field, format('%L is not an ISO 8601 duration.', left(p_text, 60)));
  elsif p_text::interval > interval '10000 years' then
    perform refuse('invalid_duration', p_field, 'At most 10,000 years.');
  end if;
  return p_text::interval;
end
$$;
alter function scheduler_private.parse_duration(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.parse_duration(text, text) from public;
comment on function scheduler_private.parse_duration(text, text) is 'Reads an ISO 8601 duration.';
--! EndIncluded functions/parse_duration.sql
--! Included functions/format_duration.sql
create or replace function scheduler_private.format_duration(p_duration interval) returns text
language sql stable strict parallel safe
set intervalstyle = iso_8601
set search_path = pg_catalog, pg_temp
as $$
  select p_duration::text
$$;
alter function scheduler_private.format_duration(interval) owner to scheduler_owner;
revoke all on function scheduler_private.format_duration(interval) from public;
grant execute on function scheduler_private.format_duration(interval) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.format_duration(interval) is 'ISO 8601, such as PT15M.';
--! EndIncluded functions/format_duration.sql
--! Included functions/lane_of.sql
create or replace function scheduler_private.lane_of(p_key text, p_lanes bigint) returns smallint
language sql immutable parallel safe
return ((hashtextextended(p_key, 0) % p_lanes + p_lanes) % p_lanes)::smallint;
alter function scheduler_private.lane_of(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.lane_of(text, bigint) from public;
grant execute on function scheduler_private.lane_of(text, bigint) to scheduler_engine;
comment on function scheduler_private.lane_of(text, bigint) is 'The lane of a message key.';
--! EndIncluded functions/lane_of.sql
--! Included functions/message_bytes.sql
create or replace function scheduler_private.message_bytes(p_payload bytea, p_key text, p_headers jsonb) returns integer
language sql immutable parallel safe
return octet_length(p_payload) + coalesce(octet_length(p_key), 0)
  + case when p_headers = '{}' then 0 else octet_length(p_headers::text) end;
alter function scheduler_private.message_bytes(bytea, text, jsonb) owner to scheduler_owner;
revoke all on function scheduler_private.message_bytes(bytea, text, jsonb) from public;
grant execute on function scheduler_private.message_bytes(bytea, text, jsonb) to scheduler_engine;
comment on function scheduler_private.message_bytes(bytea, text, jsonb) is 'Bytes of payload, key and headers (as JSON), without reading the payload.';
--! EndIncluded functions/message_bytes.sql
--! Included functions/topic_is_legal.sql
create or replace function scheduler_private.topic_is_legal(p_topic text) returns boolean
language sql immutable parallel safe
return length(p_topic) between 1 and 249
  and p_topic !~ '[^a-zA-Z0-9._-]'
  and p_topic not in ('.', '..')
  and not starts_with(p_topic, '__')
  and right(p_topic, 12) <> '-lane-ledger';
alter function scheduler_private.topic_is_legal(text) owner to scheduler_owner;
revoke all on function scheduler_private.topic_is_legal(text) from public;
comment on function scheduler_private.topic_is_legal(text) is 'Kafka''s rule for names of topics (org.apache.kafka.common.internals.Topic), without internal topics and ledgers.';
--! EndIncluded functions/topic_is_legal.sql
--! Included functions/check_headers.sql
create or replace function scheduler_private.check_headers(p_headers jsonb, p_path text) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_name text;
  v_type text;
begin
  if jsonb_typeof(p_headers) <> 'object' then
    perform refuse('invalid_headers', p_path || 'headers', 'Not an object.');
  end if;
  for v_name, v_type in select name, jsonb_typeof(value) from jsonb_each(p_headers) as header (name, value) loop
    if v_type <> 'string' then
      perform refuse('invalid_headers', p_path || 'headers.' || v_name, 'The value is not a string.');
    elsif v_name = '' then
      perform refuse('invalid_headers', p_path || 'headers', 'A name is empty.');
    elsif lower(v_name) like 'scheduler-%'
      or (lower(v_name) like 'ce\_%' and v_name not in ('ce_type', 'ce_source')) then
      perform refuse('invalid_headers', p_path || 'headers.' || v_name, 'The name is reserved.');
    end if;
  end loop;
end
$$;
alter function scheduler_private.check_headers(jsonb, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_headers(jsonb, text) from public;
comment on function scheduler_private.check_headers(jsonb, text) is 'Raises invalid_headers unless they are an object of strings whose names are the caller''s to give.';
--! EndIncluded functions/check_headers.sql
--! Included functions/new_event_id.sql
create or replace function scheduler_private.new_event_id() returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid::text
$$;
alter function scheduler_private.new_event_id() owner to scheduler_owner;
revoke all on function scheduler_private.new_event_id() from public;
comment on function scheduler_private.new_event_id() is 'A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random.';
--! EndIncluded functions/new_event_id.sql
--! Included functions/normalise_event.sql
create or replace function scheduler_private.normalise_event(
  p_event scheduler.event_input,
  p_path text,
  p_max_message_bytes integer
) returns scheduler_private.normal_event
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v normal_event;
  v_bytes integer;
begin
  v.id := coalesce(lower(nullif(p_event.id, '')), new_event_id());
  if v.id not like '________-____-____-____-____________' or v.id ~ '[^0-9a-f-]' or length(replace(v.id, '-', '')) <> 32 then
    perform refuse('invalid_id', p_path || 'id', format('%L is not a UUID.', left(p_event.id, 60)));
  end if;

  v.timezone := coalesce(nullif(p_event.timezone, ''), 'UTC');
  if not exists (select from timezones where name = v.timezone) then
    perform refuse('invalid_timezone', p_path || 'timezone', format('%L is not known.', left(v.timezone, 60)));
  end if;

  v.gap := coalesce(nullif(p_event.gap, ''), 'shift');
  v.overlap := coalesce(nullif(p_event.overlap, ''), 'first');
  if v.gap <> 'shift' then
    perform refuse('invalid_policy', p_path || 'gap', format('%L does not fit a one-off event.', left(v.gap, 60)));
  elsif v.overlap not in ('first', 'last') then
    perform refuse('invalid_policy', p_path || 'overlap', format('%L does not fit a one-off event.', left(v.overlap, 60)));
  elsif nullif(p_event.missed, '') is not null then
    perform refuse('invalid_policy', p_path || 'missed', 'It is for series; a one-off event takes maxLateness.');
  elsif nullif(p_event.recurrence, '') is not null then
    perform refuse('recurrence_unsupported', p_path || 'recurrence');
  end if;

  if nullif(p_event.scheduled_at, '') is null then
    perform refuse('invalid_date_time', p_path || 'scheduledAt', 'It is missing.');
  end if;
  v.scheduled := parse_moment(p_event.scheduled_at, v.timezone, v.overlap, p_path || 'scheduledAt');
  if nullif(p_event.ends_at, '') is not null then
    v.ends := parse_moment(p_event.ends_at, v.timezone, v.overlap, p_path || 'endsAt');
    if (v.ends).instant < (v.scheduled).instant then
      perform refuse('invalid_ends_at', p_path || 'endsAt');
    end if;
  end if;
  if nullif(p_event.max_lateness, '') is not null then
    v.max_lateness := parse_duration(p_event.max_lateness, p_path || 'maxLateness');
  end if;

  v.destination_topic := p_event.destination_topic;
  if topic_is_legal(v.destination_topic) is not true then
    perform refuse('invalid_topic', p_path || 'destinationTopic',
      coalesce(format('%L is not a topic to schedule to.', left(v.destination_topic, 60)), 'It is missing.'));
  end if;

  v.payload := p_event.payload;
  if v.payload is null then
    perform refuse('invalid_payload', p_path || 'payload', 'It is missing.');
  end if;
  v.key := nullif(p_event.key, '');
  v.headers := coalesce(p_event.headers, '{}');
  if v.headers <> '{}' then
    perform check_headers(v.headers, p_path);
  end if;
  v_bytes := message_bytes(v.payload, v.key, v.headers);
  if v_bytes > p_max_message_bytes then
    perform refuse('message_too_large', p_path || 'payload', format('%s bytes, at most %s.', v_bytes, p_max_message_bytes));
  end if;

  v.content_hash := sha256(convert_to(jsonb_build_array(
    format_moment((v.scheduled).local, (v.scheduled).instant, (v.scheduled).second_pass),
    format_moment((v.ends).local, (v.ends).instant, (v.ends).second_pass),
    v.timezone, v.destination_topic, v.gap, v.overlap, format_duration(v.max_lateness), v.key, v.headers)::text, 'UTF8')
    || v.payload);
  return v;
end
$$;
alter function scheduler_private.normalise_event(scheduler.event_input, text, integer) owner to scheduler_owner;
revoke all on function scheduler_private.normalise_event(scheduler.event_input, text, integer) from public;
comment on function scheduler_private.normalise_event(scheduler.event_input, text, integer) is 'Checks every field and gives the absent ones their defaults; an error names the field, after p_path.';
--! EndIncluded functions/normalise_event.sql

--! Included triggers/refuse_unscheduled_events.sql
create or replace function scheduler_private.refuse_unscheduled_events() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('immutable', 'status', 'An event begins as SCHEDULED, without attempts.');
  return null;
end
$$;
alter function scheduler_private.refuse_unscheduled_events() owner to scheduler_owner;
revoke all on function scheduler_private.refuse_unscheduled_events() from public;
comment on function scheduler_private.refuse_unscheduled_events() is 'Trigger: rows are inserted as SCHEDULED only, by whomever.';

create trigger refuse_unscheduled_events before insert on scheduler_private.events
  for each row when (new.status <> 'SCHEDULED' or new.retry <> 0)
  execute function scheduler_private.refuse_unscheduled_events();
alter table scheduler_private.events enable always trigger refuse_unscheduled_events;
--! EndIncluded triggers/refuse_unscheduled_events.sql
--! Included triggers/finish_canceled_events.sql
create or replace function scheduler_private.finish_canceled_events() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.due_at := null;
  new.updated_at := now();
  return new;
end
$$;
alter function scheduler_private.finish_canceled_events() owner to scheduler_owner;
revoke all on function scheduler_private.finish_canceled_events() from public;
comment on function scheduler_private.finish_canceled_events() is 'Trigger: so that a plain UPDATE … SET status = ''CANCELED'' is all that it takes.';

create trigger finish_canceled_events before update on scheduler_private.events
  for each row when (old.status = 'SCHEDULED' and new.status = 'CANCELED' and new.due_at is not null)
  execute function scheduler_private.finish_canceled_events();
alter table scheduler_private.events enable always trigger finish_canceled_events;
--! EndIncluded triggers/finish_canceled_events.sql
--! Included triggers/guard_event_updates.sql
create or replace function scheduler_private.guard_event_updates() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
  v_status text;
begin
  select o.id, o.status into v_id, v_status from old_rows o where o.status <> 'SCHEDULED' limit 1;
  if found then
    perform refuse('final', 'status', format('%s is %s.', v_id, v_status));
  end if;
  -- Both checks look after the rows were locked, so they must not look with an older snapshot.
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    perform refuse('isolation_level');
  end if;
  select o.id into v_id from old_rows o join batches b on b.lane = o.lane and o.id = any (b.event_ids) limit 1;
  if found then
    perform refuse('in_flight', 'id', v_id);
  end if;
  -- Confirm, reject and claim close or have not yet opened their batch when they update, and keep these rules by themselves.
  if current_user = 'scheduler_engine' then
    return null;
  end if;
  -- EXCEPT and not a join: a plan made for few rows would take for ever with many.
  select changed.id into v_id from (
    select n.id, n.owner, n.created_at, n.content_hash, n.retry, n.published_at from new_rows n
    except
    select o.id, o.owner, o.created_at, o.content_hash, o.retry, o.published_at from old_rows o
  ) changed
  limit 1;
  if not found then
    select n.id into v_id from new_rows n where n.status not in ('SCHEDULED', 'CANCELED') limit 1;
  end if;
  if found then
    perform refuse('immutable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_event_updates() owner to scheduler_owner;
revoke all on function scheduler_private.guard_event_updates() from public;
comment on function scheduler_private.guard_event_updates() is 'Trigger, once per statement, whoever made it: final stays final, what the open batch of a lane names does not change, and only the engine publishes, fails and counts attempts.';

create trigger guard_event_updates after update on scheduler_private.events
  referencing old table as old_rows new table as new_rows
  for each statement execute function scheduler_private.guard_event_updates();
alter table scheduler_private.events enable always trigger guard_event_updates;
--! EndIncluded triggers/guard_event_updates.sql
--! Included triggers/check_scheduled_events.sql
create or replace function scheduler_private.check_scheduled_events() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_event record;
begin
  for v_event in select distinct n.owner, n.destination_topic from new_rows n where n.status = 'SCHEDULED' loop
    if not topic_is_legal(v_event.destination_topic) then
      perform refuse('invalid_topic', 'destinationTopic', v_event.destination_topic);
    elsif not topic_is_granted(v_event.owner, v_event.destination_topic) then
      perform refuse('topic_not_granted', 'destinationTopic', format('%s may not schedule to %s.', v_event.owner, v_event.destination_topic));
    end if;
  end loop;
  select n.timezone into v_event from (select distinct timezone from new_rows) n
  where not exists (select from timezones t where t.name = n.timezone) limit 1;
  if found then
    perform refuse('invalid_timezone', 'timezone', format('%L is not known.', v_event.timezone));
  end if;
  select n.lane into v_event from (select distinct lane from new_rows) n
  where not exists (select from lanes l where l.lane = n.lane) limit 1;
  if found then
    perform refuse('invalid_event', 'lane', format('There is no lane %s.', v_event.lane));
  end if;
  -- NOTIFY takes a lock of the whole database at commit: once per lane, and only for what is due soon.
  perform pg_notify('scheduler_lanes', n.lane::text)
  from (select distinct lane from new_rows
    where due_at <= now() + (select s.horizon from settings s)) n;
  return null;
end
$$;
alter function scheduler_private.check_scheduled_events() owner to scheduler_owner;
revoke all on function scheduler_private.check_scheduled_events() from public;
comment on function scheduler_private.check_scheduled_events() is 'Trigger, once per statement: topic legal and granted to the owner, zone and lane known; wakes the lanes that have something due soon.';

create trigger check_inserted_events after insert on scheduler_private.events
  referencing new table as new_rows
  for each statement execute function scheduler_private.check_scheduled_events();
create trigger check_updated_events after update on scheduler_private.events
  referencing new table as new_rows
  for each statement when (current_user <> 'scheduler_engine')
  execute function scheduler_private.check_scheduled_events();
alter table scheduler_private.events enable always trigger check_inserted_events;
alter table scheduler_private.events enable always trigger check_updated_events;
--! EndIncluded triggers/check_scheduled_events.sql
--! Included triggers/guard_event_deletes.sql
create or replace function scheduler_private.guard_event_deletes() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select o.id into v_id from old_rows o, settings s
  where o.status = 'SCHEDULED' or o.updated_at > now() - s.retention
  limit 1;
  if found then
    perform refuse('not_deletable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_event_deletes() owner to scheduler_owner;
revoke all on function scheduler_private.guard_event_deletes() from public;
comment on function scheduler_private.guard_event_deletes() is 'Trigger, once per statement: only what has been final for longer than the retention is deleted, whoever does it.';

create trigger guard_event_deletes after delete on scheduler_private.events
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_event_deletes();
alter table scheduler_private.events enable always trigger guard_event_deletes;
--! EndIncluded triggers/guard_event_deletes.sql
--! Included triggers/check_contents_size.sql
create or replace function scheduler_private.check_contents_size() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select n.event_id into v_id from new_rows n, settings s
  where message_bytes(n.payload, n.key, n.headers) > s.max_message_bytes
  limit 1;
  if found then
    perform refuse('message_too_large', 'payload', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.check_contents_size() owner to scheduler_owner;
revoke all on function scheduler_private.check_contents_size() from public;
comment on function scheduler_private.check_contents_size() is 'Trigger, once per statement: max_message_bytes holds for plain SQL, too.';

create trigger check_inserted_size after insert on scheduler_private.event_contents
  referencing new table as new_rows
  for each statement execute function scheduler_private.check_contents_size();
create trigger check_updated_size after update on scheduler_private.event_contents
  referencing new table as new_rows
  for each statement execute function scheduler_private.check_contents_size();
alter table scheduler_private.event_contents enable always trigger check_inserted_size;
alter table scheduler_private.event_contents enable always trigger check_updated_size;
--! EndIncluded triggers/check_contents_size.sql
--! Included triggers/guard_contents_updates.sql
create or replace function scheduler_private.guard_contents_updates() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  if exists (
    select n.event_id, n.owner from new_rows n
    except
    select o.event_id, o.owner from old_rows o
  ) then
    perform refuse('immutable', 'id');
  end if;
  -- Touching the event takes its row lock and meets every rule of a change: final, in flight, isolation level.
  update events e set updated_at = now() from old_rows o where e.id = o.event_id;
  select n.event_id into v_id from new_rows n join events e on e.id = n.event_id
  where e.lane <> lane_of(coalesce(n.key, e.id), (select count(*) from lanes))
  limit 1;
  if found then
    perform refuse('immutable', 'key', format('Change the key of %s by scheduler.replace_event: it decides the lane.', v_id));
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_contents_updates() owner to scheduler_owner;
revoke all on function scheduler_private.guard_contents_updates() from public;
comment on function scheduler_private.guard_contents_updates() is 'Trigger, once per statement: contents change as their event does, or not at all.';

create trigger guard_contents_updates after update on scheduler_private.event_contents
  referencing old table as old_rows new table as new_rows
  for each statement execute function scheduler_private.guard_contents_updates();
alter table scheduler_private.event_contents enable always trigger guard_contents_updates;
--! EndIncluded triggers/guard_contents_updates.sql
--! Included triggers/guard_contents_deletes.sql
create or replace function scheduler_private.guard_contents_deletes() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select o.event_id into v_id from old_rows o join events e on e.id = o.event_id limit 1;
  if found then
    perform refuse('not_deletable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_contents_deletes() owner to scheduler_owner;
revoke all on function scheduler_private.guard_contents_deletes() from public;
comment on function scheduler_private.guard_contents_deletes() is 'Trigger, once per statement: contents and attempts leave with their event only.';

create trigger guard_contents_deletes after delete on scheduler_private.event_contents
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
create trigger guard_attempts_deletes after delete on scheduler_private.attempts
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.event_contents enable always trigger guard_contents_deletes;
alter table scheduler_private.attempts enable always trigger guard_attempts_deletes;
--! EndIncluded triggers/guard_contents_deletes.sql
--! Included triggers/guard_attempts.sql
create or replace function scheduler_private.guard_attempts() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('immutable', 'attempt');
  return null;
end
$$;
alter function scheduler_private.guard_attempts() owner to scheduler_owner;
revoke all on function scheduler_private.guard_attempts() from public;
comment on function scheduler_private.guard_attempts() is 'Trigger: only the engine counts attempts, and what was rejected stays on record.';

create trigger guard_attempts_updates before update on scheduler_private.attempts
  for each row execute function scheduler_private.guard_attempts();
create trigger guard_attempts_inserts before insert on scheduler_private.attempts
  for each row when (current_user <> 'scheduler_engine')
  execute function scheduler_private.guard_attempts();
alter table scheduler_private.attempts enable always trigger guard_attempts_updates;
alter table scheduler_private.attempts enable always trigger guard_attempts_inserts;
--! EndIncluded triggers/guard_attempts.sql
--! Included triggers/refuse_truncate.sql
create or replace function scheduler_private.refuse_truncate() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('not_deletable', '', format('TRUNCATE of %s.', tg_table_name));
  return null;
end
$$;
alter function scheduler_private.refuse_truncate() owner to scheduler_owner;
revoke all on function scheduler_private.refuse_truncate() from public;
comment on function scheduler_private.refuse_truncate() is 'Trigger: these tables are never emptied.';

create trigger refuse_truncate before truncate on scheduler_private.events
  for each statement execute function scheduler_private.refuse_truncate();
create trigger refuse_truncate before truncate on scheduler_private.event_contents
  for each statement execute function scheduler_private.refuse_truncate();
create trigger refuse_truncate before truncate on scheduler_private.attempts
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.events enable always trigger refuse_truncate;
alter table scheduler_private.event_contents enable always trigger refuse_truncate;
alter table scheduler_private.attempts enable always trigger refuse_truncate;
--! EndIncluded triggers/refuse_truncate.sql

--! Included views/events.sql
create or replace view scheduler.events with (security_invoker = true) as
select
  e.id,
  scheduler_private.format_moment(e.scheduled_local, e.scheduled_instant, e.scheduled_second_pass) as scheduled_at,
  e.scheduled_instant,
  e.timezone,
  c.payload,
  e.destination_topic,
  scheduler_private.format_moment(e.ends_local, e.ends_instant, e.ends_second_pass) as ends_at,
  e.gap,
  e.overlap,
  scheduler_private.format_duration(e.max_lateness) as max_lateness,
  c.key,
  c.headers,
  e.status,
  e.retry,
  e.last_error,
  e.owner,
  e.created_at,
  e.updated_at,
  e.published_at,
  e.due_at as next_at
from scheduler_private.events e
left join scheduler_private.event_contents c on c.event_id = e.id;
alter view scheduler.events owner to scheduler_owner;
grant select on scheduler.events to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.events is E'@primaryKey id\n@omit all,many\nAn event: bytes for a Kafka topic at an instant.';
comment on column scheduler.events.id is E'@notNull\nA UUID.';
comment on column scheduler.events.scheduled_at is E'@notNull\nWhen it is to be published, as it was given: wall time in timezone, or an instant with Z.';
comment on column scheduler.events.scheduled_instant is E'@notNull\nThe same in UTC.';
comment on column scheduler.events.timezone is E'@notNull\nIANA time zone name.';
comment on column scheduler.events.payload is 'The value of the Kafka message. Hidden from readers.';
comment on column scheduler.events.destination_topic is E'@notNull\nKafka topic.';
comment on column scheduler.events.ends_at is 'When what it announces ends, as it was given. Informational.';
comment on column scheduler.events.gap is E'@notNull\nWhat a local time means that a clock change skips.';
comment on column scheduler.events.overlap is E'@notNull\nWhat a local time means that a clock change repeats.';
comment on column scheduler.events.max_lateness is 'ISO 8601 duration; later than this it is not published any more.';
comment on column scheduler.events.key is 'Key of the Kafka message; null: the event id. Hidden from readers.';
comment on column scheduler.events.headers is 'Headers of the Kafka message that the caller gave. Hidden from readers.';
comment on column scheduler.events.status is E'@notNull\nWhere it stands.';
comment on column scheduler.events.retry is E'@notNull\nRejected attempts so far.';
comment on column scheduler.events.last_error is 'Code of the last rejection; missed when it was passed over.';
comment on column scheduler.events.owner is E'@notNull\nThe identity that created it.';
comment on column scheduler.events.created_at is E'@notNull\nWhen it was created.';
comment on column scheduler.events.updated_at is E'@notNull\nWhen it last changed.';
comment on column scheduler.events.published_at is 'When it was confirmed to be on its topic.';
comment on column scheduler.events.next_at is 'When it will be published next; null: never again.';
--! EndIncluded views/events.sql
--! Included views/topic_grants.sql
create or replace view scheduler.topic_grants with (security_invoker = true) as
select identity, topic, prefix, granted_by, granted_at from scheduler_private.topic_grants;
alter view scheduler.topic_grants owner to scheduler_owner;
grant select on scheduler.topic_grants to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.topic_grants is E'@omit\nWhich topics the events of an identity may go to: an operator sees all, others their own.';
comment on column scheduler.topic_grants.identity is 'Owner of events.';
comment on column scheduler.topic_grants.topic is 'A topic, or the beginning of its name.';
comment on column scheduler.topic_grants.prefix is 'Whether it is the beginning; the empty one grants every topic.';
comment on column scheduler.topic_grants.granted_by is 'Identity of the operator.';
comment on column scheduler.topic_grants.granted_at is 'When.';
--! EndIncluded views/topic_grants.sql
--! Included views/settings.sql
create or replace view scheduler.settings as
select delivery_mode, max_message_bytes, retry_delays, retention, horizon, look_ahead, ce_source
from scheduler_private.settings;
alter view scheduler.settings owner to scheduler_owner;
grant select on scheduler.settings to scheduler_operator, scheduler_reader;
comment on view scheduler.settings is E'@omit\nWhat every process of this deployment agrees on. A DBA changes it by UPDATE.';
comment on column scheduler.settings.delivery_mode is 'exactly_once or at_least_once.';
comment on column scheduler.settings.max_message_bytes is 'Most bytes of payload, key and headers together.';
comment on column scheduler.settings.retry_delays is 'Delay after the first, second … rejected attempt.';
comment on column scheduler.settings.retention is 'How long an event is kept after it became final.';
comment on column scheduler.settings.horizon is 'Work due within this time is notified at once.';
comment on column scheduler.settings.look_ahead is 'How long before its instant an event may be claimed.';
comment on column scheduler.settings.ce_source is 'Header ce_source; null: /scheduler/<deployment>.';
--! EndIncluded views/settings.sql
--! Included views/lanes.sql
create or replace view scheduler.lanes as
select
  l.lane,
  r.label as relay,
  l.lease_until,
  l.fence,
  l.quarantine_reason,
  l.quarantined_at,
  b.id as batch_id,
  cardinality(b.event_ids) as batch_events,
  b.claimed_at as batch_claimed_at,
  (select e.due_at from scheduler_private.events e
    where e.lane = l.lane and e.due_at is not null order by e.due_at limit 1) as next_due_at,
  (select array_agg(distinct blocker order by blocker)
    from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) as blocker
    where a.datname = current_database()
      and a.application_name = 'scheduler relay lane ' || l.lane) as blocked_by_pids
from scheduler_private.lanes l
left join scheduler_private.relays r on r.id = l.relay_id
left join scheduler_private.batches b on b.lane = l.lane;
alter view scheduler.lanes owner to scheduler_engine;
grant select on scheduler.lanes to scheduler_api, scheduler_operator, scheduler_reader;
comment on view scheduler.lanes is E'@omit\nHow each lane does. blocked_by_pids: backends whose row locks hold the lane, such as a DBA''s open transaction.';
comment on column scheduler.lanes.lane is 'Number, from 0.';
comment on column scheduler.lanes.relay is 'Host and process id of its owner; null: nobody owns it.';
comment on column scheduler.lanes.lease_until is 'Until when, unless the owner renews.';
comment on column scheduler.lanes.fence is 'Grows at each takeover.';
comment on column scheduler.lanes.quarantine_reason is 'Why it stands still until scheduler.resolve_quarantine.';
comment on column scheduler.lanes.quarantined_at is 'Since when.';
comment on column scheduler.lanes.batch_id is 'Its open batch.';
comment on column scheduler.lanes.batch_events is 'How many events that has.';
comment on column scheduler.lanes.batch_claimed_at is 'When it was claimed.';
comment on column scheduler.lanes.next_due_at is 'Its oldest instant that is not dealt with.';
comment on column scheduler.lanes.blocked_by_pids is 'Backends that it waits for.';
--! EndIncluded views/lanes.sql

--! Included functions/event.sql
create or replace function scheduler.event(id text) returns scheduler.events
language sql stable
set search_path = scheduler, pg_temp
as $$
  select e.* from scheduler.events e where e.id = lower(event.id)
$$;
alter function scheduler.event(text) owner to scheduler_owner;
revoke all on function scheduler.event(text) from public;
grant execute on function scheduler.event(text) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.event(text) is 'The event with this id, null when there is none that the caller may see.';
--! EndIncluded functions/event.sql
--! Included functions/store_events.sql
create or replace function scheduler_private.store_events(p_events scheduler.event_input[], p_in_batch boolean) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_identity constant text := identity();
  v_max_message_bytes constant integer := (select s.max_message_bytes from settings s);
  v_lanes constant bigint := (select count(*) from lanes);
  v_events normal_event[];
  v_stored integer;
  v_id text;
  v_index bigint;
begin
  perform require_role('producer', 'operator');
  select array_agg(normalise_event(given.e, case when p_in_batch then format('[%s].', given.i) else '' end, v_max_message_bytes) order by given.i)
    into v_events
    from (select e, row_number() over () - 1 as i from unnest(p_events) as e) given;
  if p_in_batch then
    select g.id, max(g.ordinality) - 1 into v_id, v_index
    from unnest(v_events) with ordinality as g group by g.id having count(*) > 1 limit 1;
    if found then
      perform refuse('duplicate_id', format('[%s].id', v_index), v_id);
    end if;
  end if;

  with stored as (
    insert into events (id, owner, lane, timezone, scheduled_local, scheduled_instant, scheduled_second_pass,
      ends_local, ends_instant, ends_second_pass, destination_topic, gap, overlap, max_lateness, due_at, content_hash)
    select g.id, v_identity, lane_of(coalesce(g.key, g.id), v_lanes), g.timezone,
      (g.scheduled).local, (g.scheduled).instant, (g.scheduled).second_pass,
      (g.ends).local, (g.ends).instant, coalesce((g.ends).second_pass, false),
      g.destination_topic, g.gap, g.overlap, g.max_lateness, (g.scheduled).instant, g.content_hash
    from unnest(v_events) g
    -- In one order, so that two batches with the same ids wait for each other and do not deadlock.
    order by g.id
    on conflict (id) do nothing
    returning id, owner
  )
  insert into event_contents (event_id, owner, payload, key, headers)
  select s.id, s.owner, g.payload, g.key, g.headers from stored s join unnest(v_events) g using (id);

  get diagnostics v_stored = row_count;

  if v_stored < cardinality(v_events) then
    -- A known id passes with the content of its first creation; another's id is not told from other content.
    select g.id, g.ordinality - 1 into v_id, v_index
    from unnest(v_events) with ordinality as g
    where (select e.content_hash from events e where e.id = g.id and e.owner = v_identity) is distinct from g.content_hash
    order by g.ordinality
    limit 1;
    if found then
      perform refuse('id_taken', case when p_in_batch then format('[%s].id', v_index) else 'id' end, v_id);
    end if;
  end if;
  return (select array_agg(g.id order by g.ordinality) from unnest(v_events) with ordinality as g);
end
$$;
alter function scheduler_private.store_events(scheduler.event_input[], boolean) owner to scheduler_owner;
revoke all on function scheduler_private.store_events(scheduler.event_input[], boolean) from public;
comment on function scheduler_private.store_events(scheduler.event_input[], boolean) is 'Creates events, all or none, and returns their ids in the order given. In a batch an error names the index before the field.';
--! EndIncluded functions/store_events.sql
--! Included functions/schedule_event.sql
create or replace function scheduler.schedule_event(
  scheduled_at text,
  payload bytea,
  destination_topic text,
  timezone text default null,
  id text default null,
  ends_at text default null,
  recurrence text default null,
  gap text default null,
  overlap text default null,
  missed text default null,
  max_lateness text default null,
  key text default null,
  headers jsonb default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_ids text[];
begin
  v_ids := store_events(array[row(
    schedule_event.id, schedule_event.scheduled_at, schedule_event.timezone, schedule_event.payload,
    schedule_event.destination_topic, schedule_event.ends_at, schedule_event.recurrence,
    schedule_event.gap, schedule_event.overlap, schedule_event.missed, schedule_event.max_lateness,
    schedule_event.key, schedule_event.headers
  )::event_input], false);
  return event(v_ids[1]);
end
$$;
alter function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) owner to scheduler_owner;
revoke all on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) from public;
grant execute on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) is E'@resultFieldName event\nSchedules one event; the parameters are the fields of event_input. Repeating a creation is safe: a known id with the same content answers with the event as it is.';
--! EndIncluded functions/schedule_event.sql
--! Included functions/schedule_events.sql
create or replace function scheduler.schedule_events(events scheduler.event_input[]) returns setof scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_ids text[];
begin
  v_ids := store_events(schedule_events.events, true);
  return query
    select e.* from unnest(v_ids) with ordinality as stored (id, i)
    join scheduler.events e on e.id = stored.id
    order by stored.i;
end
$$;
alter function scheduler.schedule_events(scheduler.event_input[]) owner to scheduler_owner;
revoke all on function scheduler.schedule_events(scheduler.event_input[]) from public;
grant execute on function scheduler.schedule_events(scheduler.event_input[]) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.schedule_events(scheduler.event_input[]) is E'@resultFieldName events\nSchedules many events in one statement, all or none. Repeating a creation is safe: known ids with the same content pass.';
--! EndIncluded functions/schedule_events.sql
--! Included functions/refuse_unless_scheduled.sql
create or replace function scheduler_private.refuse_unless_scheduled(p_id text) returns void
language plpgsql volatile
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_status scheduler.event_status;
begin
  select status into v_status from events where id = p_id;
  if not found then
    perform refuse('not_found', 'id', left(p_id, 60));
  elsif v_status <> 'SCHEDULED' then
    perform refuse('final', 'status', v_status::text);
  end if;
end
$$;
alter function scheduler_private.refuse_unless_scheduled(text) owner to scheduler_owner;
revoke all on function scheduler_private.refuse_unless_scheduled(text) from public;
comment on function scheduler_private.refuse_unless_scheduled(text) is 'Raises not_found or final: why an UPDATE of a SCHEDULED event found none.';
--! EndIncluded functions/refuse_unless_scheduled.sql
--! Included functions/cancel_event.sql
create or replace function scheduler.cancel_event(id text) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
declare
  v_id constant text := lower(cancel_event.id);
  v_event scheduler.events;
begin
  perform require_role('producer', 'operator');
  update events e set status = 'CANCELED' where e.id = v_id and e.status = 'SCHEDULED';
  v_event := event(v_id);
  if v_event.status is distinct from 'CANCELED' then
    perform refuse_unless_scheduled(v_id);
  end if;
  return v_event;
end
$$;
alter function scheduler.cancel_event(text) owner to scheduler_owner;
revoke all on function scheduler.cancel_event(text) from public;
grant execute on function scheduler.cancel_event(text) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.cancel_event(text) is E'@resultFieldName event\nCancels an event that has not been published. Cancelling a cancelled one is no error; one that is being published answers in_flight, a published or failed one final.';
--! EndIncluded functions/cancel_event.sql
--! Included functions/replace_event.sql
create or replace function scheduler.replace_event(
  id text,
  event scheduler.event_input,
  status text default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
declare
  v_id constant text := lower(replace_event.id);
  v normal_event;
begin
  perform require_role('producer', 'operator');
  if lower(nullif(replace_event.event.id, '')) <> v_id then
    perform refuse('invalid_id', 'id', 'It differs from the event that is to be replaced.');
  end if;
  replace_event.event.id := v_id;
  if not exists (select from events e where e.id = v_id) then
    perform refuse('not_found', 'id', left(v_id, 60));
  end if;
  v := normalise_event(replace_event.event, '', (select s.max_message_bytes from settings s));

  update events e set
    lane = lane_of(coalesce(v.key, v_id), (select count(*) from lanes)),
    timezone = v.timezone,
    scheduled_local = (v.scheduled).local,
    scheduled_instant = (v.scheduled).instant,
    scheduled_second_pass = (v.scheduled).second_pass,
    ends_local = (v.ends).local,
    ends_instant = (v.ends).instant,
    ends_second_pass = coalesce((v.ends).second_pass, false),
    destination_topic = v.destination_topic,
    gap = v.gap,
    overlap = v.overlap,
    max_lateness = v.max_lateness,
    due_at = (v.scheduled).instant,
    updated_at = now()
  where e.id = v_id and e.status = 'SCHEDULED' and e.status::text = coalesce(nullif(replace_event.status, ''), 'SCHEDULED');
  if not found then
    perform refuse_unless_scheduled(v_id);
    perform refuse('status_mismatch', 'status', format('It is SCHEDULED, not %s.', left(replace_event.status, 60)));
  end if;
  update event_contents c set payload = v.payload, key = v.key, headers = v.headers
  where c.event_id = v_id and (c.payload, c.key, c.headers) is distinct from (v.payload, v.key, v.headers);
  return event(v_id);
end
$$;
alter function scheduler.replace_event(text, scheduler.event_input, text) owner to scheduler_owner;
revoke all on function scheduler.replace_event(text, scheduler.event_input, text) from public;
grant execute on function scheduler.replace_event(text, scheduler.event_input, text) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.replace_event(text, scheduler.event_input, text) is E'@resultFieldName event\nReplaces the whole of an event that has not been published: absent optional fields take their defaults. A status, if given, must be the present one.';
--! EndIncluded functions/replace_event.sql
--! Included functions/grant_topic.sql
create or replace function scheduler.grant_topic(identity text, topic text, prefix boolean default false) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  insert into topic_grants (identity, topic, prefix, granted_by)
  values (grant_topic.identity, grant_topic.topic, grant_topic.prefix, scheduler.identity())
  on conflict do nothing;
end
$$;
alter function scheduler.grant_topic(text, text, boolean) owner to scheduler_owner;
revoke all on function scheduler.grant_topic(text, text, boolean) from public;
grant execute on function scheduler.grant_topic(text, text, boolean) to scheduler_api, scheduler_operator;
comment on function scheduler.grant_topic(text, text, boolean) is 'Lets the events of an identity go to a topic, or to every topic whose name begins so.';
--! EndIncluded functions/grant_topic.sql
--! Included functions/revoke_topic.sql
create or replace function scheduler.revoke_topic(identity text, topic text, prefix boolean default false) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  delete from topic_grants g
  where (g.identity, g.topic, g.prefix) = (revoke_topic.identity, revoke_topic.topic, revoke_topic.prefix);
end
$$;
alter function scheduler.revoke_topic(text, text, boolean) owner to scheduler_owner;
revoke all on function scheduler.revoke_topic(text, text, boolean) from public;
grant execute on function scheduler.revoke_topic(text, text, boolean) to scheduler_api, scheduler_operator;
comment on function scheduler.revoke_topic(text, text, boolean) is 'Takes a grant back. What was scheduled under it fails with topic_not_granted when it falls due.';
--! EndIncluded functions/revoke_topic.sql
--! Included functions/schema_version.sql
create or replace function scheduler.schema_version() returns integer
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select 1
$$;
alter function scheduler.schema_version() owner to scheduler_owner;
revoke all on function scheduler.schema_version() from public;
grant execute on function scheduler.schema_version() to scheduler_api, scheduler_relay, scheduler_operator, scheduler_reader;
comment on function scheduler.schema_version() is E'@omit\nVersion of this schema: programs work with their own and the one before.';
--! EndIncluded functions/schema_version.sql

--! Included engine/lock_lane.sql
create or replace function scheduler_private.lock_lane(p_lane smallint, p_fence bigint) returns scheduler_private.lanes
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_lane lanes;
begin
  select * into v_lane from lanes l where l.lane = p_lane for no key update;
  if v_lane.fence is distinct from p_fence then
    perform refuse('fence_lost', 'fence', format('Lane %s is at fence %s, not %s.', p_lane, v_lane.fence, p_fence));
  end if;
  return v_lane;
end
$$;
alter function scheduler_private.lock_lane(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.lock_lane(smallint, bigint) from public;
comment on function scheduler_private.lock_lane(smallint, bigint) is 'The lane, locked, or fence_lost: the first step of everything that a relay does with one.';
--! EndIncluded engine/lock_lane.sql
--! Included engine/close_batch.sql
create or replace function scheduler_private.close_batch(p_lane smallint, p_fence bigint, p_batch uuid) returns scheduler_private.batches
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_batch batches;
begin
  perform lock_lane(p_lane, p_fence);
  delete from batches b where b.lane = p_lane and b.id = p_batch returning * into v_batch;
  return v_batch;
end
$$;
alter function scheduler_private.close_batch(smallint, bigint, uuid) owner to scheduler_engine;
revoke all on function scheduler_private.close_batch(smallint, bigint, uuid) from public;
comment on function scheduler_private.close_batch(smallint, bigint, uuid) is 'Ends the lane''s open batch if it is this one and returns it; null when it is not: what became of a batch is said once and for ever.';
--! EndIncluded engine/close_batch.sql
--! Included engine/register_deployment.sql
create or replace function scheduler_private.register_deployment(p_name text, p_kafka_cluster_id text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_deployment deployment;
begin
  insert into deployment (name, kafka_cluster_id) values (p_name, p_kafka_cluster_id) on conflict do nothing;
  select * into strict v_deployment from deployment;
  if (v_deployment.name, v_deployment.kafka_cluster_id) <> (p_name, p_kafka_cluster_id) then
    perform refuse('deployment_mismatch', 'DEPLOYMENT', format('It belongs to %s on Kafka cluster %s, not to %s on %s.',
      v_deployment.name, v_deployment.kafka_cluster_id, p_name, p_kafka_cluster_id));
  end if;
end
$$;
alter function scheduler_private.register_deployment(text, text) owner to scheduler_engine;
revoke all on function scheduler_private.register_deployment(text, text) from public;
grant execute on function scheduler_private.register_deployment(text, text) to scheduler_relay;
comment on function scheduler_private.register_deployment(text, text) is 'Stores whose database this is, once; later it raises deployment_mismatch for any other name or cluster.';
--! EndIncluded engine/register_deployment.sql
--! Included engine/renew_leases.sql
create or replace function scheduler_private.renew_leases(
  p_relay uuid,
  p_label text,
  p_lease interval,
  p_now timestamptz default null
) returns table (lane smallint, fence bigint, surplus integer)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, now());
  v_lanes integer;
  v_relays integer;
  v_owned integer;
begin
  insert into relays (id, label, alive_until) values (p_relay, p_label, v_now + p_lease)
    on conflict (id) do update set alive_until = excluded.alive_until;
  delete from relays where alive_until < v_now - interval '1 minute';
  -- A lane whose confirm waits for a stranger's row lock is locked: its lease may lapse, the fence protects it.
  update lanes l set lease_until = v_now + p_lease
  from (select k.lane from lanes k where k.relay_id = p_relay for no key update skip locked) mine
  where l.lane = mine.lane;

  select count(*), count(*) filter (where l.relay_id = p_relay) into v_lanes, v_owned from lanes l;
  select count(*) into v_relays from relays r where r.alive_until > v_now;
  return query
    select l.lane, l.fence, case
      when v_owned > ceil(v_lanes / v_relays::numeric) then v_owned - ceil(v_lanes / v_relays::numeric)::integer
      when v_owned > v_lanes / v_relays and exists (
        select from relays r where r.alive_until > v_now
          and (select count(*) from lanes k where k.relay_id = r.id) < v_lanes / v_relays) then 1
      else 0
    end
    from lanes l where l.relay_id = p_relay order by l.lane;
end
$$;
alter function scheduler_private.renew_leases(uuid, text, interval, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.renew_leases(uuid, text, interval, timestamptz) from public;
grant execute on function scheduler_private.renew_leases(uuid, text, interval, timestamptz) to scheduler_relay;
comment on function scheduler_private.renew_leases(uuid, text, interval, timestamptz) is 'A relay says that it is alive: its leases are extended, and it hears which lanes it owns and how many of them it should give up to others.';
--! EndIncluded engine/renew_leases.sql
--! Included engine/acquire_lane.sql
create or replace function scheduler_private.acquire_lane(
  p_relay uuid,
  p_lease interval,
  p_now timestamptz default null
) returns table (lane smallint, fence bigint)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, now());
begin
  if (select count(*) from lanes l where l.relay_id = p_relay)
    >= ceil((select count(*) from lanes) / greatest((select count(*) from relays r where r.alive_until > v_now), 1)::numeric)
  then
    return;
  end if;
  return query
    update lanes l set relay_id = p_relay, lease_until = v_now + p_lease, fence = l.fence + 1
    from (
      select k.lane from lanes k
      where k.relay_id is null or k.lease_until < v_now
      order by k.lease_until nulls first, k.lane
      limit 1
      for no key update skip locked
    ) free
    where l.lane = free.lane
    returning l.lane, l.fence;
end
$$;
alter function scheduler_private.acquire_lane(uuid, interval, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.acquire_lane(uuid, interval, timestamptz) from public;
grant execute on function scheduler_private.acquire_lane(uuid, interval, timestamptz) to scheduler_relay;
comment on function scheduler_private.acquire_lane(uuid, interval, timestamptz) is 'Takes one lane that is free or whose lease has expired, with a new fence; none when the relay has its fair share.';
--! EndIncluded engine/acquire_lane.sql
--! Included engine/release_lane.sql
create or replace function scheduler_private.release_lane(p_lane smallint, p_fence bigint) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  update lanes l set relay_id = null, lease_until = null where l.lane = p_lane and l.fence = p_fence;
end
$$;
alter function scheduler_private.release_lane(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.release_lane(smallint, bigint) from public;
grant execute on function scheduler_private.release_lane(smallint, bigint) to scheduler_relay;
comment on function scheduler_private.release_lane(smallint, bigint) is 'Gives a lane up; nothing happens when it has been taken over already.';
--! EndIncluded engine/release_lane.sql
--! Included engine/retire_relay.sql
create or replace function scheduler_private.retire_relay(p_relay uuid) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  delete from relays where id = p_relay;
  update lanes set relay_id = null, lease_until = null where relay_id = p_relay;
end
$$;
alter function scheduler_private.retire_relay(uuid) owner to scheduler_engine;
revoke all on function scheduler_private.retire_relay(uuid) from public;
grant execute on function scheduler_private.retire_relay(uuid) to scheduler_relay;
comment on function scheduler_private.retire_relay(uuid) is 'A relay leaves in good order: its lanes are free at once.';
--! EndIncluded engine/retire_relay.sql
--! Included engine/read_lane.sql
create or replace function scheduler_private.read_lane(p_lane smallint, p_fence bigint)
returns table (
  last_confirmed uuid,
  ledger text,
  quarantine_reason text,
  batch_id uuid,
  batch_events integer,
  batch_delivery_mode text,
  delivery_mode text
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
begin
  perform lock_lane(p_lane, p_fence);
  return query
    select l.last_confirmed, l.ledger, l.quarantine_reason, b.id, cardinality(b.event_ids), b.delivery_mode, s.delivery_mode
    from settings s, lanes l left join batches b on b.lane = l.lane
    where l.lane = p_lane;
end
$$;
alter function scheduler_private.read_lane(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.read_lane(smallint, bigint) from public;
grant execute on function scheduler_private.read_lane(smallint, bigint) to scheduler_relay;
comment on function scheduler_private.read_lane(smallint, bigint) is 'The lane and its open batch as they are now, or fence_lost. What a relay believes of its lane comes from here, never from memory.';
--! EndIncluded engine/read_lane.sql
--! Included engine/set_ledger.sql
create or replace function scheduler_private.set_ledger(p_lane smallint, p_fence bigint, p_ledger text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform lock_lane(p_lane, p_fence);
  update lanes l set ledger = p_ledger where l.lane = p_lane;
end
$$;
alter function scheduler_private.set_ledger(smallint, bigint, text) owner to scheduler_engine;
revoke all on function scheduler_private.set_ledger(smallint, bigint, text) from public;
grant execute on function scheduler_private.set_ledger(smallint, bigint, text) to scheduler_relay;
comment on function scheduler_private.set_ledger(smallint, bigint, text) is 'seeded: the ledger in Kafka now shows last_confirmed; reseed: it is not kept for the time being.';
--! EndIncluded engine/set_ledger.sql
--! Included engine/quarantine_lane.sql
create or replace function scheduler_private.quarantine_lane(p_lane smallint, p_fence bigint, p_reason text, p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform lock_lane(p_lane, p_fence);
  update lanes l set quarantined_at = coalesce(p_now, now()), quarantine_reason = p_reason where l.lane = p_lane;
end
$$;
alter function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) from public;
grant execute on function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) is 'The ledger says neither that the open batch is published nor that it is not: the lane stands still until an operator decides.';
--! EndIncluded engine/quarantine_lane.sql
--! Included engine/claim.sql
create or replace function scheduler_private.claim(
  p_lane smallint,
  p_fence bigint,
  p_limit integer,
  p_max_bytes bigint default 8000000,
  p_now timestamptz default null
) returns table (
  batch_id uuid,
  delivery_mode text,
  event_id text,
  destination_topic text,
  key text,
  headers jsonb,
  payload bytea,
  scheduled_at text,
  ce_source text,
  due_in double precision
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- To plan for a thousand ids anew each time costs more than the claim.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_lane lanes;
  v_settings settings;
  v_ce_source text;
  v_ids text[];
begin
  v_lane := lock_lane(p_lane, p_fence);
  if v_lane.quarantined_at is not null then
    perform refuse('lane_quarantined', 'lane', v_lane.quarantine_reason);
  elsif exists (select from batches b where b.lane = p_lane) then
    perform refuse('batch_open', 'lane');
  end if;
  select * into strict v_settings from settings;
  v_ce_source := coalesce(v_settings.ce_source, '/scheduler/' || (select d.name from deployment d));

  select array_agg(due.id) into v_ids from (
    select e.id from events e
    where e.lane = p_lane and e.due_at <= v_now + v_settings.look_ahead
    order by e.due_at
    limit p_limit
    for no key update skip locked
  ) due;
  if v_ids is null then
    return query
      select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text, (
        select extract(epoch from e.due_at - v_settings.look_ahead - v_now)::double precision
        from events e where e.lane = p_lane and e.due_at is not null order by e.due_at limit 1
      );
    return;
  end if;

  -- A later statement than the one that locked: its snapshot has every change that came before the lock,
  -- of the instant, too.
  return query
    with due as materialized (
      select row_number() over (order by e.due_at, k.i) as i, e.id, e.owner, e.destination_topic, e.scheduled_instant, e.max_lateness, e.due_at,
        c.event_id is not null as has_contents, c.payload, c.key, c.headers
      from unnest(v_ids) with ordinality as k (id, i)
      join events e on e.id = k.id
      left join event_contents c on c.event_id = k.id
    ), asked as materialized (
      select distinct d.owner, d.destination_topic from due d
    ), granted as materialized (
      select a.* from asked a where topic_is_granted(a.owner, a.destination_topic)
    ), judged as materialized (
      select d.*, case
        when d.scheduled_instant + d.max_lateness < v_now then 'missed'
        when g.owner is null then 'topic_not_granted'
        when not d.has_contents then 'no_contents'
      end as why
      from due d left join granted g on (g.owner, g.destination_topic) = (d.owner, d.destination_topic)
    ), dropped as (
      update events e set
        status = case j.why when 'missed' then 'CANCELED' else 'FAILED' end::scheduler.event_status,
        last_error = j.why, due_at = null, updated_at = v_now
      from judged j where j.why is not null and e.id = j.id
    ), taken as materialized (
      select * from (
        select j.*, sum(message_bytes(j.payload, j.key, j.headers)) over (order by j.i) as bytes,
          row_number() over (order by j.i) as place
        from judged j where j.why is null
      ) sized
      where bytes <= p_max_bytes or place = 1
    ), opened as (
      insert into batches (lane, delivery_mode, event_ids, claimed_at)
      select p_lane, v_settings.delivery_mode, array_agg(t.id order by t.i), v_now from taken t having count(*) > 0
      returning id
    )
    select o.id, v_settings.delivery_mode, t.id, t.destination_topic, t.key, t.headers, t.payload,
      format_moment(null, t.scheduled_instant, false), v_ce_source, extract(epoch from t.due_at - v_now)::double precision
    from opened o, taken t
    order by t.i;
  if not found then
    return query select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text, 0::double precision;
  end if;
end
$$;
alter function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) from public;
grant execute on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) to scheduler_relay;
comment on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) is 'Opens a batch of the lane''s due events, in their order: a row for each, due_in the seconds until its instant (negative when late). When nothing is due: one row without event, due_in the seconds until the next one may be claimed, null when there is none, zero or less when all that is due is locked by somebody. What is too late, or may not go to its topic any more, is finished here without an attempt.';
--! EndIncluded engine/claim.sql
--! Included engine/confirm.sql
create or replace function scheduler_private.confirm(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_now timestamptz default null
) returns boolean
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_batch batches;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  if v_batch.id is null then
    return false;
  end if;
  update events set status = 'PUBLISHED', due_at = null, published_at = v_now, updated_at = v_now, last_error = null
  where id = any (v_batch.event_ids);
  if v_batch.delivery_mode = 'exactly_once' then
    update lanes l set last_confirmed = p_batch where l.lane = p_lane;
  end if;
  return true;
end
$$;
alter function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) from public;
grant execute on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) is 'The batch is on its topics: its events are PUBLISHED. False when it is not the open batch any more.';
--! EndIncluded engine/confirm.sql
--! Included engine/discard.sql
create or replace function scheduler_private.discard(p_lane smallint, p_fence bigint, p_batch uuid) returns boolean
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_batch batches;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  return v_batch.id is not null;
end
$$;
alter function scheduler_private.discard(smallint, bigint, uuid) owner to scheduler_engine;
revoke all on function scheduler_private.discard(smallint, bigint, uuid) from public;
grant execute on function scheduler_private.discard(smallint, bigint, uuid) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.discard(smallint, bigint, uuid) is 'Nothing of the batch is on any topic, and nothing will be: its events are free and claimed afresh. False when it is not the open batch any more.';
--! EndIncluded engine/discard.sql
--! Included engine/reject.sql
create or replace function scheduler_private.reject(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_event_ids text[],
  p_codes text[],
  p_messages text[],
  p_now timestamptz default null
) returns uuid
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_batch batches;
  v_rest text[];
  v_new uuid;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  if v_batch.id is null then
    return null;
  end if;
  with rejected as (
    update events e set
      retry = e.retry + 1,
      last_error = r.code,
      updated_at = v_now,
      status = case when e.retry >= 2 then 'FAILED' else 'SCHEDULED' end::scheduler.event_status,
      due_at = case when e.retry < 2 then v_now + s.retry_delays[least(e.retry + 1, cardinality(s.retry_delays))] end
    from settings s, unnest(p_event_ids, p_codes) as r (id, code)
    where e.id = r.id and e.id = any (v_batch.event_ids)
    returning e.id, e.retry
  )
  insert into attempts (event_id, attempt, attempted_at, code, message)
  select rejected.id, rejected.retry, v_now, r.code, left(r.message, 1000)
  from rejected join unnest(p_event_ids, p_codes, p_messages) as r (id, code, message) using (id);

  select array_agg(id order by i) into v_rest
  from unnest(v_batch.event_ids) with ordinality as old (id, i)
  where id <> all (p_event_ids);
  if v_rest is not null then
    insert into batches (lane, delivery_mode, event_ids, claimed_at)
      values (p_lane, v_batch.delivery_mode, v_rest, v_now)
      returning id into v_new;
  end if;
  return v_new;
end
$$;
alter function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) from public;
grant execute on function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) to scheduler_relay;
comment on function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) is 'These events of a batch of which nothing was published were refused, each by itself: an attempt is counted. Returns the id under which the rest of the batch goes on; null when nothing is left, or it is not the open batch any more.';
--! EndIncluded engine/reject.sql
--! Included engine/narrow.sql
create or replace function scheduler_private.narrow(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_keep integer,
  p_now timestamptz default null
) returns uuid
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_batch batches;
  v_new uuid;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  if v_batch.id is null then
    return null;
  end if;
  insert into batches (lane, delivery_mode, event_ids, claimed_at)
    values (p_lane, v_batch.delivery_mode, v_batch.event_ids[:p_keep], coalesce(p_now, clock_timestamp()))
    returning id into v_new;
  return v_new;
end
$$;
alter function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) from public;
grant execute on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) to scheduler_relay;
comment on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) is 'A batch of which nothing was published was refused as a whole: its first p_keep events go on under a new id, the others are free. Null when it is not the open batch any more.';
--! EndIncluded engine/narrow.sql
--! Included engine/tick.sql
create or replace function scheduler_private.tick(p_now timestamptz default null) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_lanes integer;
  v_oldest timestamptz;
begin
  update lanes l set relay_id = null, lease_until = null
  from (select k.lane from lanes k where k.lease_until < v_now for no key update skip locked) expired
  where l.lane = expired.lane;

  select count(pg_notify('scheduler_lanes', l.lane::text)), min(due.due_at) filter (where due.due_at < v_now)
    into v_lanes, v_oldest
    from lanes l
    cross join settings s
    cross join lateral (
      select e.due_at from events e where e.lane = l.lane and e.due_at is not null order by e.due_at limit 1
    ) due
    where due.due_at <= v_now + s.horizon;
  update ticks set ticked_at = v_now, oldest_due_at = v_oldest;
  return v_lanes;
end
$$;
alter function scheduler_private.tick(timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.tick(timestamptz) from public;
comment on function scheduler_private.tick(timestamptz) is 'Notifies every lane that has work now or soon, frees lanes whose lease has expired, and notes what is overdue. Returns how many lanes were notified.';
--! EndIncluded engine/tick.sql
--! Included engine/tick_for_a_minute.sql
create or replace procedure scheduler_private.tick_for_a_minute()
language plpgsql
as $$
declare
  v_lock constant bigint := hashtextextended('scheduler_private.tick_for_a_minute', 0);
  v_until constant timestamptz := date_trunc('minute', clock_timestamp()) + interval '1 minute';
begin
  -- Of the session, which is the job's own: a run that is late to end keeps the next one from piling up.
  if not pg_try_advisory_lock(v_lock) then
    return;
  end if;
  while clock_timestamp() < v_until loop
    perform scheduler_private.tick();
    commit;
    perform pg_sleep(least(1, greatest(0, extract(epoch from v_until - clock_timestamp()))));
  end loop;
  perform pg_advisory_unlock(v_lock);
end
$$;
alter procedure scheduler_private.tick_for_a_minute() owner to scheduler_owner;
revoke all on procedure scheduler_private.tick_for_a_minute() from public;
comment on procedure scheduler_private.tick_for_a_minute() is 'A tick every second until the minute is over, for pg_cron below 1.5, whose jobs start at whole minutes. A procedure that commits takes neither SECURITY DEFINER nor SET: every name is qualified.';
--! EndIncluded engine/tick_for_a_minute.sql
--! Included engine/delete_expired_events.sql
create or replace function scheduler_private.delete_expired_events(p_limit integer default 10000, p_now timestamptz default null) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_deleted integer;
begin
  with expired as (
    select e.id from events e, settings s
    where e.due_at is null and e.updated_at < coalesce(p_now, now()) - s.retention
    order by e.updated_at
    limit p_limit
    for update of e skip locked
  )
  delete from events e using expired where e.id = expired.id;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
alter function scheduler_private.delete_expired_events(integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.delete_expired_events(integer, timestamptz) from public;
comment on function scheduler_private.delete_expired_events(integer, timestamptz) is 'Retention: deletes up to p_limit events that have been final for longer than settings.retention, the oldest first, and returns how many.';
--! EndIncluded engine/delete_expired_events.sql
--! Included engine/install_cron.sql
create or replace function scheduler_private.install_cron() returns text
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_version integer[];
  v_seconds boolean;
  v_job record;
begin
  select regexp_match(extversion, '^(\d+)\.(\d+)')::integer[] into v_version
  from pg_extension where extname = 'pg_cron';
  if not found then
    return null;
  end if;
  v_seconds := v_version >= array[1, 5];
  for v_job in
    select * from (values
      ('scheduler tick', case when v_seconds then '1 second' else '* * * * *' end,
        case when v_seconds then 'select scheduler_private.tick()' else 'call scheduler_private.tick_for_a_minute()' end),
      ('scheduler retention', '* * * * *', 'select scheduler_private.delete_expired_events()'),
      ('scheduler cron history', '17 * * * *', 'delete from cron.job_run_details where end_time < now() - interval ''1 day''')
    ) as job (name, schedule, command)
  loop
    -- Dynamic, because the schema cron is there only where the extension is.
    execute format('select cron.schedule(%L, %L, %L)', v_job.name, v_job.schedule, v_job.command);
  end loop;
  return case when v_seconds then 'every second' else 'every second, in jobs of a minute' end;
end
$$;
alter function scheduler_private.install_cron() owner to scheduler_owner;
revoke all on function scheduler_private.install_cron() from public;
comment on function scheduler_private.install_cron() is 'Schedules tick and retention with pg_cron; may be run again at any time. Returns how the tick runs, null where pg_cron is not installed in this database. The jobs belong to who calls it.';
--! EndIncluded engine/install_cron.sql

--! Included functions/adopt_deployment.sql
create or replace function scheduler.adopt_deployment(name text, kafka_cluster_id text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  lock table lanes in exclusive mode;
  if exists (select from batches) then
    perform refuse('batches_open');
  end if;
  update deployment d set
    name = adopt_deployment.name, kafka_cluster_id = adopt_deployment.kafka_cluster_id, installed_at = now();
  update lanes set
    fence = fence + 1, relay_id = null, lease_until = null, ledger = 'unseeded', last_confirmed = gen_random_uuid(),
    quarantined_at = null, quarantine_reason = null;
end
$$;
alter function scheduler.adopt_deployment(text, text) owner to scheduler_owner;
revoke all on function scheduler.adopt_deployment(text, text) from public;
grant execute on function scheduler.adopt_deployment(text, text) to scheduler_operator;
comment on function scheduler.adopt_deployment(text, text) is E'@omit\nMakes a copied database a deployment of its own: another name, another Kafka cluster or both, with a new ledger. What the original still publishes after the copy was taken, the copy publishes, too.';
--! EndIncluded functions/adopt_deployment.sql
--! Included engine/set_lane_count.sql
create or replace function scheduler.set_lane_count(lanes integer) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  if set_lane_count.lanes not between 1 and 1000 then
    perform refuse('invalid_event', 'lanes', 'Give 1 to 1000.');
  end if;
  lock table lanes, events in exclusive mode;
  if exists (select from batches) or exists (select from relays where alive_until > now()) then
    perform refuse('batches_open');
  end if;
  -- A relay that was stopped and not ended must not find its fence again.
  update lanes set fence = (select max(fence) + 1 from lanes), relay_id = null, lease_until = null;
  delete from lanes l where l.lane >= set_lane_count.lanes;
  insert into lanes (lane, fence, ledger)
    select number, (select max(fence) from lanes), case when exists (select from deployment) then 'reseed' else 'unseeded' end
    from generate_series(0, set_lane_count.lanes - 1) as number
    on conflict do nothing;
  update events e set lane = lane_of(coalesce(c.key, e.id), set_lane_count.lanes)
    from event_contents c
    where c.event_id = e.id and e.due_at is not null
      and e.lane <> lane_of(coalesce(c.key, e.id), set_lane_count.lanes);
end
$$;
alter function scheduler.set_lane_count(integer) owner to scheduler_engine;
revoke all on function scheduler.set_lane_count(integer) from public;
grant execute on function scheduler.set_lane_count(integer) to scheduler_operator;
comment on function scheduler.set_lane_count(integer) is E'@omit\nChanges the number of lanes, with every relay stopped. Every waiting event is rewritten whose lane changes.';
--! EndIncluded engine/set_lane_count.sql
--! Included functions/resolve_quarantine.sql
create or replace function scheduler.resolve_quarantine(lane integer, decision text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_lane lanes;
  v_batch uuid;
begin
  perform require_role('operator');
  select * into v_lane from lanes l where l.lane = resolve_quarantine.lane;
  if v_lane.quarantined_at is null then
    perform refuse('not_quarantined', 'lane');
  elsif coalesce(decision, '') not in ('confirm', 'discard') then
    perform refuse('invalid_event', 'decision', 'confirm: the open batch is on its topics; discard: it is not.');
  end if;
  select id into v_batch from batches b where b.lane = resolve_quarantine.lane;
  if v_batch is not null and decision = 'confirm' then
    perform confirm(v_lane.lane, v_lane.fence, v_batch);
  elsif v_batch is not null then
    perform discard(v_lane.lane, v_lane.fence, v_batch);
  end if;
  update lanes l set ledger = 'reseed', quarantined_at = null, quarantine_reason = null
  where l.lane = resolve_quarantine.lane;
  perform pg_notify('scheduler_lanes', resolve_quarantine.lane::text);
end
$$;
alter function scheduler.resolve_quarantine(integer, text) owner to scheduler_owner;
revoke all on function scheduler.resolve_quarantine(integer, text) from public;
grant execute on function scheduler.resolve_quarantine(integer, text) to scheduler_operator;
comment on function scheduler.resolve_quarantine(integer, text) is E'@omit\nAn operator''s decision about a lane whose ledger does not say what became of its batch: confirm (it is on its topics) or discard (it is not, publish it again). The ledger is then written anew.';
--! EndIncluded functions/resolve_quarantine.sql
