--! Previous: sha1:ab477a5b5d78a4257e506fc6caedd36f77021b6d
--! Hash: sha1:3fe5c8ed5e0bb28c3317155ca1ab6f17860c4589
--! Message: series

-- What events have that recur.

delete from scheduler_private.error_codes where code = 'recurrence_unsupported';
insert into scheduler_private.error_codes (code, sqlstate, http_status, title, hint) values
  ('series_changed', 'SC047', 409, 'The series has changed meanwhile', 'Read it again and try again.');
update scheduler_private.error_codes set hint = 'A one-off event takes gap shift and overlap first or last; a series gap shift or skip, overlap first, last or both, and missed all, latest or skip.'
  where code = 'invalid_policy';

grant usage on schema scheduler_private to scheduler_operator;
grant execute on function scheduler_private.topic_is_legal(text) to scheduler_engine;
grant execute on function scheduler_private.is_second_pass(timestamp, timestamptz, text) to scheduler_engine;
grant execute on function scheduler_private.resolve_local(timestamp, text, text) to scheduler_engine;
grant execute on function scheduler_private.utc_offset(timestamptz, text) to scheduler_engine;
grant execute on function scheduler_private.require_role(text[]) to scheduler_operator;
grant select on scheduler_private.timezones to scheduler_engine, scheduler_api;

--! Included types/occurrence.sql
create type scheduler_private.occurrence as (
  instant timestamptz,
  wall timestamp,
  second_pass boolean,
  revision integer
);
alter type scheduler_private.occurrence owner to scheduler_owner;
comment on type scheduler_private.occurrence is 'One occurrence of a series: its instant, the wall time that it comes from (the truth, which outlasts a new time zone database), whether that is the later one of a doubled wall time, and the number of the revision that has it.';
--! EndIncluded types/occurrence.sql
alter type scheduler_private.normal_event
  add attribute recurrence text, add attribute missed text, add attribute starts_as_instant boolean;
comment on type scheduler_private.normal_event is 'An event_input that was checked and given its defaults. A series starts at a wall time, whatever was given.';
comment on column scheduler.event_input.recurrence is 'RRULE, RDATE and EXDATE lines of RFC 5545, separated by newlines: then scheduled_at is DTSTART, whose wall time repeats in timezone.';
comment on column scheduler.event_input.gap is 'What a local time means that a clock change skips: shift (default) or, for series, skip.';
comment on column scheduler.event_input.overlap is 'What a local time means that a clock change repeats: first (default), last or, for series, both (default for HOURLY and finer rules).';
comment on column scheduler.event_input.missed is 'Series only: which of the occurrences are published that are overdue by more than a minute: all (default), latest, skip.';
comment on column scheduler.event_input.max_lateness is 'ISO 8601 duration; later than this an event or instance is not published any more.';
comment on column scheduler.event_input.key is 'Key of the Kafka message, default the id of the event, for an instance of its series. Messages of one key keep the order of their instants.';

alter table scheduler_private.events
  alter column overlap drop not null,
  add column recurs boolean not null default false,
  add column series_id text collate "C",
  add column expand_by timestamptz,
  drop constraint events_id_is_a_uuid,
  drop constraint events_gap,
  drop constraint events_overlap,
  drop constraint events_are_not_due_early,
  add constraint events_id_is_a_uuid
    check (case when series_id is null then id = id::uuid::text else left(id, 37) = series_id || '_' and length(id) = 53 end),
  add constraint events_gap check (gap = 'shift' or recurs and gap = 'skip'),
  add constraint events_overlap check (case when recurs then overlap in ('first', 'last', 'both') else coalesce(overlap in ('first', 'last'), false) end),
  add constraint events_recur_by_wall_time check (not recurs or scheduled_local is not null),
  add constraint events_recur_or_are_exceptions check (not recurs or series_id is null),
  add constraint events_expand_while_scheduled check (expand_by is null or recurs and status = 'SCHEDULED'),
  add constraint events_are_not_due_early check (recurs or due_at >= scheduled_instant);
drop index scheduler_private.events_final;
create index events_final on scheduler_private.events (updated_at) where due_at is null and series_id is null;
create index events_to_expand on scheduler_private.events (lane, expand_by) where expand_by is not null;
create index events_of_series on scheduler_private.events (series_id, scheduled_instant, id) where series_id is not null;
grant insert on scheduler_private.events to scheduler_engine;
grant insert on scheduler_private.event_contents to scheduler_engine;
comment on column scheduler_private.events.due_at is 'When the relay has work with it: its instant, its next attempt, the next occurrence of a series. Infinity: not before something else has happened (expansion of a series, the end of its exceptions). Null once it is final.';
comment on column scheduler_private.events.overlap is 'Null for a series: first, for HOURLY and finer rules both.';
comment on column scheduler_private.events.recurs is 'Whether it is a series; the rest of it is in the table series.';
comment on column scheduler_private.events.series_id is 'The series that it is an exception of.';
comment on column scheduler_private.events.expand_by is 'A series whose next occurrences the relay is to work out: the earlier, the sooner. Null: they are known, or there are none.';
comment on column scheduler_private.event_contents.key is 'Kafka message key; null: the id of the event, or of the series of an exception.';
alter table scheduler_private.batches add column series_ids text[] not null default '{}';
comment on column scheduler_private.batches.event_ids is 'Ids of the messages, in the order in which they are sent: events, and occurrences of series (<series id>_<instant>).';
comment on column scheduler_private.batches.series_ids is 'Series of the instances among them. Nothing of a series changes while one of its instances is being published.';

--! Included tables/series.sql
create table scheduler_private.series (
  event_id text collate "C" primary key references scheduler_private.events on delete cascade,
  owner text not null,
  recurrence text not null,
  missed text constraint series_missed check (missed in ('all', 'latest', 'skip')),
  starts_as_instant boolean not null,
  revision integer not null default 1,
  pending scheduler_private.occurrence[] not null default '{}',
  exhausted boolean not null default false,
  watermark scheduler_private.occurrence,
  judged_until timestamptz,
  published boolean not null default false,
  failed boolean not null default false,
  tz_version text,
  version bigint not null default 0
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_insert_scale_factor = 0.1);
alter table scheduler_private.series owner to scheduler_owner;
alter table scheduler_private.series alter column pending set compression lz4;
alter table scheduler_private.series enable row level security;
alter table scheduler_private.series force row level security;
comment on table scheduler_private.series is 'What an event has that recurs. Its present rule is here and, with scheduled_local, timezone, gap and overlap, in events; former ones are in revisions.';
comment on column scheduler_private.series.owner is 'Owner of the event, for row level security.';
comment on column scheduler_private.series.recurrence is 'RRULE, RDATE and EXDATE lines of RFC 5545.';
comment on column scheduler_private.series.missed is 'What is published of occurrences that are overdue by more than a minute; null: not given, which is all.';
comment on column scheduler_private.series.starts_as_instant is 'Whether scheduled_at was an instant; its wall time repeats all the same.';
comment on column scheduler_private.series.revision is 'Number of the present rule.';
comment on column scheduler_private.series.pending is 'The next occurrences, in order, as far as they are expanded; those that have an exception are left out.';
comment on column scheduler_private.series.exhausted is 'Whether nothing comes after pending.';
comment on column scheduler_private.series.watermark is 'Everything up to it was published, passed over or made an exception. Null: nothing yet.';
comment on column scheduler_private.series.judged_until is 'Pending occurrences up to here were kept by the rule of missed, however late they are.';
comment on column scheduler_private.series.published is 'Whether an occurrence was published.';
comment on column scheduler_private.series.failed is 'Whether occurrences were passed over that could not be published.';
comment on column scheduler_private.series.tz_version is 'Version of the time zone database that pending comes from; null: never expanded.';
comment on column scheduler_private.series.version is 'Grows with every change, so that what was expanded from an older state is not stored.';
grant select on scheduler_private.series to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update, delete on scheduler_private.series to scheduler_engine;

create index series_by_tz_version on scheduler_private.series (tz_version);

alter table scheduler_private.events add constraint events_series_id_fkey
  foreign key (series_id) references scheduler_private.series on delete cascade;
--! EndIncluded tables/series.sql
--! Included tables/revisions.sql
create table scheduler_private.revisions (
  series_id text collate "C" not null references scheduler_private.series on delete cascade,
  number integer not null,
  closed_at timestamptz not null,
  scheduled_local timestamp not null,
  timezone text not null,
  recurrence text not null,
  gap text not null,
  overlap text,
  primary key (series_id, number)
);
alter table scheduler_private.revisions owner to scheduler_owner;
alter table scheduler_private.revisions enable row level security;
alter table scheduler_private.revisions force row level security;
comment on table scheduler_private.revisions is 'Former rules of series: occurrences up to closed_at, and after the revision before closed, follow them; so that the past of a series never has to be guessed from its present rule.';
comment on column scheduler_private.revisions.number is 'From 1, in order.';
grant select on scheduler_private.revisions to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader, scheduler_engine;
--! EndIncluded tables/revisions.sql
--! Included tables/exceptions.sql
create table scheduler_private.exceptions (
  event_id text collate "C" primary key references scheduler_private.events on delete cascade,
  series_id text collate "C" not null references scheduler_private.series on delete cascade,
  original_instant timestamptz not null,
  original_wall timestamp not null,
  original_second_pass boolean not null,
  settled boolean not null default true
);
alter table scheduler_private.exceptions owner to scheduler_owner;
alter table scheduler_private.exceptions enable row level security;
alter table scheduler_private.exceptions force row level security;
comment on table scheduler_private.exceptions is 'Which occurrence of its series an exception takes the place of. The exception itself is an event.';
comment on column scheduler_private.exceptions.original_instant is 'The instant in its id. A new time zone database does not change it.';
comment on column scheduler_private.exceptions.original_wall is 'Wall time of the occurrence in its series'' zone, which finds it again when a new time zone database moves it.';
comment on column scheduler_private.exceptions.original_second_pass is 'Whether that is the later one of a doubled wall time.';
comment on column scheduler_private.exceptions.settled is 'False after a change of the rule: held back until the relay has said whether its original start is still an occurrence.';
grant select on scheduler_private.exceptions to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update, delete on scheduler_private.exceptions to scheduler_engine;

create index exceptions_by_wall on scheduler_private.exceptions (series_id, original_wall);
--! EndIncluded tables/exceptions.sql
--! Included tables/passed_ranges.sql
create table scheduler_private.passed_ranges (
  series_id text collate "C" not null references scheduler_private.series on delete cascade,
  after_instant timestamptz not null,
  until_instant timestamptz not null,
  reason text not null constraint passed_ranges_reason check (reason in ('missed', 'topic_not_granted', 'no_contents')),
  primary key (series_id, until_instant),
  constraint passed_ranges_are_not_empty check (after_instant < until_instant)
);
alter table scheduler_private.passed_ranges owner to scheduler_owner;
alter table scheduler_private.passed_ranges enable row level security;
alter table scheduler_private.passed_ranges force row level security;
comment on table scheduler_private.passed_ranges is 'Stretches of a series whose occurrences were not published, one row each, after_instant exclusive and until_instant inclusive.';
comment on column scheduler_private.passed_ranges.reason is 'Their lastError: missed ones read CANCELED, all others FAILED.';
grant select on scheduler_private.passed_ranges to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update on scheduler_private.passed_ranges to scheduler_engine;
--! EndIncluded tables/passed_ranges.sql
--! Included tables/timezone_database.sql
create table scheduler_private.timezone_database (
  only_row boolean primary key default true constraint timezone_database_has_one_row check (only_row),
  fingerprint bytea,
  followed_at timestamptz
);
alter table scheduler_private.timezone_database owner to scheduler_owner;
insert into scheduler_private.timezone_database default values;
comment on table scheduler_private.timezone_database is 'The time zone database of Postgres that the instants of local times come from.';
comment on column scheduler_private.timezone_database.fingerprint is 'Of the coming offsets of all zones; Postgres does not tell the version. Null: not looked at yet.';
comment on column scheduler_private.timezone_database.followed_at is 'When instants were last derived again.';
grant select, update on scheduler_private.timezone_database to scheduler_engine;
--! EndIncluded tables/timezone_database.sql
--! Included series/policies.sql
-- A series and what belongs to it is seen and changed by whoever may see and change its event.
create policy engine_sees_all on scheduler_private.series to scheduler_engine using (true) with check (true);
create policy own_or_role_sees on scheduler_private.series for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) in ('operator', 'reader'));
create policy own_is_created on scheduler_private.series for insert to scheduler_owner
  with check (owner = (select scheduler.identity()));
create policy own_or_operator_changes on scheduler_private.series for update to scheduler_owner
  using (owner = (select scheduler.identity()) or (select scheduler.identity_role()) = 'operator');

create policy engine_sees_all on scheduler_private.revisions to scheduler_engine using (true) with check (true);
create policy with_its_series on scheduler_private.revisions for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.series s where s.event_id = series_id));
create policy with_its_series_is_closed on scheduler_private.revisions for insert to scheduler_owner
  with check (exists (select from scheduler_private.series s where s.event_id = series_id));

create policy engine_sees_all on scheduler_private.exceptions to scheduler_engine using (true) with check (true);
create policy with_its_series on scheduler_private.exceptions for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.series s where s.event_id = series_id));
create policy with_its_series_changes on scheduler_private.exceptions for update to scheduler_owner
  using (exists (select from scheduler_private.series s where s.event_id = series_id));

create policy engine_sees_all on scheduler_private.passed_ranges to scheduler_engine using (true) with check (true);
create policy with_its_series on scheduler_private.passed_ranges for select
  to scheduler_owner, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader
  using (exists (select from scheduler_private.series s where s.event_id = series_id));
--! EndIncluded series/policies.sql

--! Included functions/normal_id.sql
create or replace function scheduler_private.normal_id(p_id text) returns text
language sql immutable parallel safe
return lower(left(p_id, 36)) || upper(substr(p_id, 37));
alter function scheduler_private.normal_id(text) owner to scheduler_owner;
revoke all on function scheduler_private.normal_id(text) from public;
grant execute on function scheduler_private.normal_id(text) to scheduler_api;
comment on function scheduler_private.normal_id(text) is 'The id of an event or instance as it is stored: the UUID in lower case, the instant in upper case.';
--! EndIncluded functions/normal_id.sql
--! Included series/grace.sql
create or replace function scheduler_private.grace() returns interval
language sql immutable parallel safe
return interval '1 minute';
alter function scheduler_private.grace() owner to scheduler_owner;
revoke all on function scheduler_private.grace() from public;
grant execute on function scheduler_private.grace() to scheduler_engine;
comment on function scheduler_private.grace() is 'What is overdue by no more than this was not missed; the same in relay/expansion.';
--! EndIncluded series/grace.sql
--! Included series/instance_id.sql
create or replace function scheduler_private.instance_id(p_series_id text, p_instant timestamptz) returns text
language sql stable parallel safe
return p_series_id || to_char(p_instant at time zone 'UTC', '"_"YYYYMMDD"T"HH24MISS"Z"');
alter function scheduler_private.instance_id(text, timestamptz) owner to scheduler_owner;
revoke all on function scheduler_private.instance_id(text, timestamptz) from public;
grant execute on function scheduler_private.instance_id(text, timestamptz) to scheduler_engine;
comment on function scheduler_private.instance_id(text, timestamptz) is 'Id of the instance of a series that originally starts at an instant: <series id>_<UTC, basic format>.';
--! EndIncluded series/instance_id.sql
--! Included series/instant_of.sql
create or replace function scheduler_private.instant_of(p_instance_id text) returns timestamptz
language sql immutable parallel safe
return make_timestamptz(
  substr(p_instance_id, 38, 4)::integer, substr(p_instance_id, 42, 2)::integer, substr(p_instance_id, 44, 2)::integer,
  substr(p_instance_id, 47, 2)::integer, substr(p_instance_id, 49, 2)::integer, substr(p_instance_id, 51, 2)::integer, 'UTC');
alter function scheduler_private.instant_of(text) owner to scheduler_owner;
revoke all on function scheduler_private.instant_of(text) from public;
grant execute on function scheduler_private.instant_of(text) to scheduler_engine;
comment on function scheduler_private.instant_of(text) is 'The original start that the id of an instance says.';
--! EndIncluded series/instant_of.sql
--! Included series/series_named.sql
create or replace function scheduler_private.series_named(p_ids text[]) returns text[]
language sql immutable parallel safe
return array(select distinct left(m.id, 36) from unnest(p_ids) as m (id) where length(m.id) > 36 order by 1);
alter function scheduler_private.series_named(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.series_named(text[]) from public;
grant execute on function scheduler_private.series_named(text[]) to scheduler_engine;
comment on function scheduler_private.series_named(text[]) is 'The series that have instances among these ids, in order.';
--! EndIncluded series/series_named.sql
--! Included series/read_occurrence.sql
create or replace function scheduler_private.read_occurrence(p_json jsonb) returns scheduler_private.occurrence
language sql immutable parallel safe
return row(
  to_timestamp((p_json ->> 'instant')::double precision),
  timestamp '1970-01-01' + (p_json ->> 'wall')::double precision * interval '1 second',
  (p_json ->> 'secondPass')::boolean,
  (p_json ->> 'revision')::integer
)::scheduler_private.occurrence;
alter function scheduler_private.read_occurrence(jsonb) owner to scheduler_owner;
revoke all on function scheduler_private.read_occurrence(jsonb) from public;
grant execute on function scheduler_private.read_occurrence(jsonb) to scheduler_engine, scheduler_api;
comment on function scheduler_private.read_occurrence(jsonb) is 'An occurrence as recurrence/ writes it: whole seconds since 1970.';
--! EndIncluded series/read_occurrence.sql
--! Included functions/wall_moment.sql
create or replace function scheduler_private.wall_moment(p_moment scheduler_private.moment, p_timezone text) returns scheduler_private.moment
language sql stable
return case
  when (p_moment).local is not null then p_moment
  else row(
    (p_moment).instant at time zone p_timezone,
    (p_moment).instant,
    scheduler_private.is_second_pass((p_moment).instant at time zone p_timezone, (p_moment).instant, p_timezone)
  )::scheduler_private.moment
end;
alter function scheduler_private.wall_moment(scheduler_private.moment, text) owner to scheduler_owner;
revoke all on function scheduler_private.wall_moment(scheduler_private.moment, text) from public;
comment on function scheduler_private.wall_moment(scheduler_private.moment, text) is 'The same date-time as wall time in the zone.';
--! EndIncluded functions/wall_moment.sql
--! Included functions/check_policies.sql
create or replace function scheduler_private.check_policies(p_event scheduler_private.normal_event, p_path text) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_recurs constant boolean := p_event.recurrence is not null;
  v_kind constant text := case when v_recurs then 'a series' else 'a one-off event' end;
begin
  if p_event.gap <> all (case when v_recurs then '{shift,skip}' else '{shift}' end::text[]) then
    perform refuse('invalid_policy', p_path || 'gap', format('%L does not fit %s.', left(p_event.gap, 60), v_kind));
  elsif p_event.overlap <> all (case when v_recurs then '{first,last,both}' else '{first,last}' end::text[]) then
    perform refuse('invalid_policy', p_path || 'overlap', format('%L does not fit %s.', left(p_event.overlap, 60), v_kind));
  elsif p_event.missed is not null and not v_recurs then
    perform refuse('invalid_policy', p_path || 'missed', 'It is for series; a one-off event takes maxLateness.');
  elsif p_event.missed <> all ('{all,latest,skip}') then
    perform refuse('invalid_policy', p_path || 'missed', format('%L is not all, latest or skip.', left(p_event.missed, 60)));
  end if;
end
$$;
alter function scheduler_private.check_policies(scheduler_private.normal_event, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_policies(scheduler_private.normal_event, text) from public;
comment on function scheduler_private.check_policies(scheduler_private.normal_event, text) is 'Raises invalid_policy unless gap, overlap and missed are among what the kind of event takes.';
--! EndIncluded functions/check_policies.sql
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

  if nullif(p_event.recurrence, '') is not null then
    perform check_recurrence(p_event.recurrence, p_path || 'recurrence');
    v.recurrence := p_event.recurrence;
  end if;
  v.gap := coalesce(nullif(p_event.gap, ''), 'shift');
  v.overlap := coalesce(nullif(p_event.overlap, ''), case when v.recurrence is null then 'first' end);
  v.missed := nullif(p_event.missed, '');
  perform check_policies(v, p_path);

  if nullif(p_event.scheduled_at, '') is null then
    perform refuse('invalid_date_time', p_path || 'scheduledAt', 'It is missing.');
  end if;
  v.scheduled := parse_moment(p_event.scheduled_at, v.timezone, v.overlap, p_path || 'scheduledAt');
  if v.recurrence is not null then
    if (v.scheduled).instant <> date_trunc('second', (v.scheduled).instant) then
      perform refuse('invalid_date_time', p_path || 'scheduledAt', 'Recurring events have whole seconds.');
    end if;
    v.starts_as_instant := (v.scheduled).local is null;
    v.scheduled := wall_moment(v.scheduled, v.timezone);
  end if;
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

  v.content_hash := sha256(convert_to((jsonb_build_array(
    format_moment(case when v.starts_as_instant then null else (v.scheduled).local end, (v.scheduled).instant, (v.scheduled).second_pass),
    format_moment((v.ends).local, (v.ends).instant, (v.ends).second_pass),
    v.timezone, v.destination_topic, v.gap, v.overlap, format_duration(v.max_lateness), v.key, v.headers)
    || case when v.recurrence is null then '[]' else jsonb_build_array(v.recurrence, v.missed) end)::text, 'UTF8')
    || v.payload);
  return v;
end
$$;
alter function scheduler_private.normalise_event(scheduler.event_input, text, integer) owner to scheduler_owner;
revoke all on function scheduler_private.normalise_event(scheduler.event_input, text, integer) from public;
comment on function scheduler_private.normalise_event(scheduler.event_input, text, integer) is 'Checks every field and gives the absent ones their defaults; an error names the field, after p_path.';
--! EndIncluded functions/normalise_event.sql
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
      ends_local, ends_instant, ends_second_pass, destination_topic, gap, overlap, max_lateness, due_at, content_hash, recurs, expand_by)
    select g.id, v_identity, lane_of(coalesce(g.key, g.id), v_lanes), g.timezone,
      (g.scheduled).local, (g.scheduled).instant, (g.scheduled).second_pass,
      (g.ends).local, (g.ends).instant, coalesce((g.ends).second_pass, false),
      g.destination_topic, g.gap, g.overlap, g.max_lateness,
      case when g.recurrence is null then (g.scheduled).instant else 'infinity' end, g.content_hash,
      g.recurrence is not null, case when g.recurrence is not null then greatest((g.scheduled).instant, now()) end
    from unnest(v_events) g
    -- In one order, so that two batches with the same ids wait for each other and do not deadlock.
    order by g.id
    on conflict (id) do nothing
    returning id, owner, recurs
  ), stored_series as (
    insert into series (event_id, owner, recurrence, missed, starts_as_instant)
    select s.id, s.owner, g.recurrence, g.missed, g.starts_as_instant
    from stored s join unnest(v_events) g using (id) where s.recurs
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
--! Included functions/event.sql
create or replace function scheduler.event(id text) returns scheduler.events
language sql stable
set search_path = scheduler, pg_temp
as $$
  select e.* from scheduler.events e where e.id = lower(left(event.id, 36)) || upper(substr(event.id, 37))
$$;
alter function scheduler.event(text) owner to scheduler_owner;
revoke all on function scheduler.event(text) from public;
grant execute on function scheduler.event(text) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.event(text) is 'The event with this id, a series or an exception, too; null when there is none that the caller may see.';
--! EndIncluded functions/event.sql
--! Included views/events.sql
create or replace view scheduler.events with (security_invoker = true) as
select
  e.id,
  scheduler_private.format_moment(case when e.recurs and s.starts_as_instant then null else e.scheduled_local end, e.scheduled_instant, e.scheduled_second_pass) as scheduled_at,
  e.scheduled_instant,
  e.timezone,
  c.payload,
  e.destination_topic,
  scheduler_private.format_moment(e.ends_local, e.ends_instant, e.ends_second_pass) as ends_at,
  coalesce(p.gap, e.gap) as gap,
  case when p.id is null then e.overlap else p.overlap end as overlap,
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
  nullif(case when e.recurs then least(e.due_at, (select min(x.due_at) from scheduler_private.events x where x.series_id = e.id))
    else e.due_at end, 'infinity') as next_at,
  case when e.recurs then s.recurrence end as recurrence,
  s.missed,
  e.series_id as recurrence_id
from scheduler_private.events e
left join scheduler_private.event_contents c on c.event_id = e.id
left join scheduler_private.events p on p.id = e.series_id
left join scheduler_private.series s on s.event_id = case when e.recurs then e.id else e.series_id end;
alter view scheduler.events owner to scheduler_owner;
grant select on scheduler.events to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.events is E'@primaryKey id\n@omit all,many\nAn event: bytes for a Kafka topic at an instant, or at every occurrence of a recurrence.';
comment on column scheduler.events.id is E'@notNull\nA UUID; of an instance of a series <series id>_<original start in UTC, basic format>.';
comment on column scheduler.events.scheduled_at is E'@notNull\nWhen it is to be published, as it was given: wall time in timezone, or an instant with Z.';
comment on column scheduler.events.scheduled_instant is E'@notNull\nThe same in UTC.';
comment on column scheduler.events.timezone is E'@notNull\nIANA time zone name.';
comment on column scheduler.events.payload is 'The value of the Kafka message. Hidden from readers.';
comment on column scheduler.events.destination_topic is E'@notNull\nKafka topic.';
comment on column scheduler.events.ends_at is 'When what it announces ends, as it was given. Informational.';
comment on column scheduler.events.gap is E'@notNull\nWhat a local time means that a clock change skips.';
comment on column scheduler.events.overlap is 'What a local time means that a clock change repeats; null for a series: first, for HOURLY and finer rules both.';
comment on column scheduler.events.max_lateness is 'ISO 8601 duration; later than this it is not published any more.';
comment on column scheduler.events.key is 'Key of the Kafka message; null: the id of the event, for an instance of its series. Hidden from readers.';
comment on column scheduler.events.headers is 'Headers of the Kafka message that the caller gave. Hidden from readers.';
comment on column scheduler.events.status is E'@notNull\nWhere it stands.';
comment on column scheduler.events.retry is E'@notNull\nRejected attempts so far.';
comment on column scheduler.events.last_error is 'Code of the last rejection; missed when it was passed over.';
comment on column scheduler.events.owner is E'@notNull\nThe identity that created it.';
comment on column scheduler.events.created_at is E'@notNull\nWhen it was created.';
comment on column scheduler.events.updated_at is E'@notNull\nWhen it last changed.';
comment on column scheduler.events.published_at is 'When it was confirmed to be on its topic.';
comment on column scheduler.events.next_at is 'When it will be published next; null: never again, or a series that is not expanded yet.';
comment on column scheduler.events.recurrence is 'RRULE, RDATE and EXDATE lines of RFC 5545 of a series.';
comment on column scheduler.events.missed is 'Of a series: which occurrences are published that are overdue by more than a minute; null: all.';
comment on column scheduler.events.recurrence_id is 'Of an instance: its series.';
--! EndIncluded views/events.sql
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
  (select nullif(e.due_at, 'infinity') from scheduler_private.events e
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
--! Included views/series_state.sql
create or replace view scheduler_private.series_state with (security_invoker = true) as
select
  e.id,
  s.version,
  s.missed,
  coalesce((
    select jsonb_agg(jsonb_build_object('number', r.number, 'start', extract(epoch from r.scheduled_local), 'timezone', r.timezone,
      'recurrence', r.recurrence, 'gap', r.gap, 'overlap', r.overlap, 'closedAt', extract(epoch from r.closed_at)) order by r.number)
    from scheduler_private.revisions r where r.series_id = e.id
  ), '[]') || jsonb_build_object('number', s.revision, 'start', extract(epoch from e.scheduled_local), 'timezone', e.timezone,
    'recurrence', s.recurrence, 'gap', e.gap, 'overlap', e.overlap, 'closedAt', null) as revisions,
  case when s.watermark is not null then jsonb_build_object('instant', extract(epoch from (s.watermark).instant),
    'wall', extract(epoch from (s.watermark).wall), 'secondPass', (s.watermark).second_pass, 'revision', (s.watermark).revision) end as watermark,
  extract(epoch from e.created_at)::double precision as created_at_seconds,
  s.starts_as_instant,
  extract(epoch from e.ends_instant - e.scheduled_instant)::double precision as length,
  e.ends_local is not null as ends_as_local
from scheduler_private.events e
join scheduler_private.series s on s.event_id = e.id;
alter view scheduler_private.series_state owner to scheduler_owner;
grant select on scheduler_private.series_state to scheduler_api, scheduler_engine;
comment on view scheduler_private.series_state is 'What is needed to expand series (recurrence/revised-series.ts): all their rules and how far they are. Instants in seconds since 1970-01-01T00:00:00Z, wall times in seconds since 1970-01-01T00:00:00 on that clock.';
comment on column scheduler_private.series_state.id is 'Id of the series.';
comment on column scheduler_private.series_state.version is 'Grows with every change.';
comment on column scheduler_private.series_state.missed is 'Which overdue occurrences are published; null: all.';
comment on column scheduler_private.series_state.revisions is 'All its rules, in order: [{number, start, timezone, recurrence, gap, overlap, closedAt}]; the last is the present one.';
comment on column scheduler_private.series_state.watermark is 'Occurrence up to which everything is dealt with; null: nothing yet.';
comment on column scheduler_private.series_state.created_at_seconds is 'When it was created.';
comment on column scheduler_private.series_state.starts_as_instant is 'Whether its start was given as an instant.';
comment on column scheduler_private.series_state.length is 'Elapsed seconds from start to end of an instance; null: it has no end.';
comment on column scheduler_private.series_state.ends_as_local is 'Whether its end was given as wall time.';
--! EndIncluded views/series_state.sql
--! Included series/lock_series.sql
create or replace function scheduler_private.lock_series(p_ids text[]) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform from events e where e.id = any (p_ids) order by e.id for no key update;
end
$$;
alter function scheduler_private.lock_series(text[]) owner to scheduler_engine;
revoke all on function scheduler_private.lock_series(text[]) from public;
grant execute on function scheduler_private.lock_series(text[]) to scheduler_owner;
comment on function scheduler_private.lock_series(text[]) is 'Locks series, before any of their instances and in one order, so that nobody waits for each other in a circle. What is read by the next statement holds until the end of the transaction.';
--! EndIncluded series/lock_series.sql
--! Included series/lock_series_of.sql
create or replace function scheduler_private.lock_series_of(p_ids text[]) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_locked text[];
begin
  select coalesce(array_agg(s.id), '{}') into v_locked from (
    select e.id from events e where e.id = any (series_named(p_ids)) for no key update skip locked
  ) s;
  return (
    select array_agg(k.id order by k.i) from unnest(p_ids) with ordinality as k (id, i)
    where length(k.id) = 36 or left(k.id, 36) = any (v_locked)
  );
end
$$;
alter function scheduler_private.lock_series_of(text[]) owner to scheduler_engine;
revoke all on function scheduler_private.lock_series_of(text[]) from public;
comment on function scheduler_private.lock_series_of(text[]) is 'Locks the series of the exceptions among these events, without waiting. Returns the events without those whose series somebody else holds; null: none is left.';
--! EndIncluded series/lock_series_of.sql
--! Included series/refuse_in_flight.sql
create or replace function scheduler_private.refuse_in_flight(p_series_id text) returns void
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  if exists (select from batches b where p_series_id = any (b.series_ids)) then
    perform refuse('in_flight', 'id', p_series_id);
  end if;
end
$$;
alter function scheduler_private.refuse_in_flight(text) owner to scheduler_owner;
revoke all on function scheduler_private.refuse_in_flight(text) from public;
comment on function scheduler_private.refuse_in_flight(text) is 'Raises in_flight while an instance of the series is being published. The caller holds the series'' lock.';
--! EndIncluded series/refuse_in_flight.sql
--! Included series/pass_over.sql
create or replace function scheduler_private.pass_over(
  p_series_id text,
  p_until scheduler_private.occurrence,
  p_reason text
) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_after timestamptz;
begin
  select coalesce((s.watermark).instant, '-infinity') into strict v_after from series s where s.event_id = p_series_id;
  update passed_ranges p set until_instant = (p_until).instant
  where (p.series_id, p.until_instant, p.reason) = (p_series_id, v_after, p_reason);
  if not found then
    insert into passed_ranges (series_id, after_instant, until_instant, reason)
      values (p_series_id, v_after, (p_until).instant, p_reason);
  end if;
  update series s set
    watermark = p_until,
    pending = array(select o from unnest(s.pending) o where o.instant > (p_until).instant order by o.instant),
    failed = s.failed or p_reason <> 'missed',
    version = s.version + 1
  where s.event_id = p_series_id;
end
$$;
alter function scheduler_private.pass_over(text, scheduler_private.occurrence, text) owner to scheduler_engine;
revoke all on function scheduler_private.pass_over(text, scheduler_private.occurrence, text) from public;
comment on function scheduler_private.pass_over(text, scheduler_private.occurrence, text) is 'Gives up what the series has not dealt with up to an occurrence, inclusive; a stretch that goes on grows. The caller holds the series'' lock and reckons it afterwards.';
--! EndIncluded series/pass_over.sql
--! Included series/reckon_series.sql
create or replace function scheduler_private.reckon_series(p_ids text[], p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_finished text[];
begin
  update events e set
    due_at = coalesce((s.pending[1]).instant, 'infinity'),
    expand_by = case when not s.exhausted and cardinality(s.pending) <= 1
      then least(e.expand_by, coalesce((s.pending[1]).instant, v_now)) end
  from series s
  where e.id = any (p_ids) and s.event_id = e.id and e.status = 'SCHEDULED';

  -- Scalar subqueries here and below, by index; as EXISTS they may be planned as scans of all events.
  select array_agg(e.id) into v_finished
  from events e join series s on s.event_id = e.id
  where e.id = any (p_ids) and s.exhausted and s.pending = '{}' and e.status = 'SCHEDULED'
    and (select x.id from events x where x.series_id = s.event_id and x.status = 'SCHEDULED' limit 1) is null;
  if v_finished is null then
    return;
  end if;
  update events e set
    status = f.status,
    published_at = case f.status when 'PUBLISHED' then v_now end,
    last_error = case when f.status <> 'PUBLISHED' then coalesce(
      (select x.last_error from events x where x.series_id = e.id and x.status = 'FAILED' order by x.updated_at desc limit 1),
      (select p.reason from passed_ranges p where p.series_id = e.id order by p.reason = 'missed', p.until_instant desc limit 1)) end,
    due_at = null, expand_by = null, updated_at = v_now
  from series s cross join lateral (
    select case
      when s.published or (select x.id from events x where x.series_id = s.event_id and x.status = 'PUBLISHED' limit 1) is not null then 'PUBLISHED'
      when s.failed or (select x.id from events x where x.series_id = s.event_id and x.status = 'FAILED' limit 1) is not null then 'FAILED'
      else 'CANCELED'
    end::scheduler.event_status as status
  ) f
  where e.id = any (v_finished) and s.event_id = e.id;
end
$$;
alter function scheduler_private.reckon_series(text[], timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.reckon_series(text[], timestamptz) from public;
grant execute on function scheduler_private.reckon_series(text[], timestamptz) to scheduler_owner;
comment on function scheduler_private.reckon_series(text[], timestamptz) is 'After a change of what series have before them, whose locks the caller holds: when they are due next, whether they need expansion, whether they are finished: PUBLISHED if anything was, else FAILED if anything has, else CANCELED.';
--! EndIncluded series/reckon_series.sql
--! Included series/judge_series.sql
create or replace function scheduler_private.judge_series(p_ids text[], p_now timestamptz, p_until timestamptz) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_left text[];
  v_passed record;
begin
  -- Which of all that is overdue is kept takes expansion to know: that is the relay's.
  update events e set due_at = 'infinity', expand_by = p_now
  from series s
  where e.id = any (p_ids) and s.event_id = e.id and s.missed in ('latest', 'skip')
    and exists (
      select from unnest(s.pending) o
      where o.instant < p_now - grace() and o.instant > coalesce(s.judged_until, '-infinity')
    );

  for v_passed in
    select distinct on (e.id, j.why) e.id, o as occurrence, j.why
    from (
      select d.id, d.max_lateness, case
        when not topic_is_granted(d.owner, d.destination_topic) then 'topic_not_granted'
        when not exists (select from event_contents c where c.event_id = d.id) then 'no_contents'
      end as why
      from events d where d.id = any (p_ids) and d.due_at <= p_until
      -- Asked once for each series, not for each occurrence.
      offset 0
    ) e
    join series s on s.event_id = e.id
    cross join unnest(s.pending) o
    cross join lateral (select case when o.instant + e.max_lateness < p_now then 'missed' else e.why end as why) j
    where (e.why is not null or e.max_lateness is not null) and o.instant <= p_until and j.why is not null
    order by e.id, j.why, o.instant desc
  loop
    perform pass_over(v_passed.id, v_passed.occurrence, v_passed.why);
  end loop;
  if found then
    perform reckon_series(p_ids, p_now);
  end if;

  select array_agg(e.id) into v_left from events e where e.id = any (p_ids) and e.due_at <= p_until;
  return v_left;
end
$$;
alter function scheduler_private.judge_series(text[], timestamptz, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.judge_series(text[], timestamptz, timestamptz) from public;
comment on function scheduler_private.judge_series(text[], timestamptz, timestamptz) is 'Of series that are due and locked, those of which occurrences may be published now; null: none. Occurrences that are too late (maxLateness), or may not go to their topic, are passed over; series with missed = latest or skip of which something is overdue by more than the grace are marked for expansion first.';
--! EndIncluded series/judge_series.sql
--! Included series/place_exception.sql
create or replace function scheduler_private.place_exception(p_id text, p_occurrence scheduler_private.occurrence) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  update exceptions x set
    original_wall = (p_occurrence).wall, original_second_pass = (p_occurrence).second_pass
  where x.event_id = p_id;
end
$$;
alter function scheduler_private.place_exception(text, scheduler_private.occurrence) owner to scheduler_engine;
revoke all on function scheduler_private.place_exception(text, scheduler_private.occurrence) from public;
grant execute on function scheduler_private.place_exception(text, scheduler_private.occurrence) to scheduler_owner;
comment on function scheduler_private.place_exception(text, scheduler_private.occurrence) is 'Notes the wall time of the occurrence that an exception takes the place of, which its id does not say where a clock change skips it.';
--! EndIncluded series/place_exception.sql
--! Included series/except_occurrence.sql
create or replace function scheduler_private.except_occurrence(
  p_series_id text,
  p_occurrence scheduler_private.occurrence,
  p_now timestamptz default null
) returns text
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id constant text := instance_id(p_series_id, (p_occurrence).instant);
begin
  insert into events (id, series_id, owner, lane, timezone, scheduled_instant, scheduled_local, scheduled_second_pass,
    ends_instant, ends_local, ends_second_pass, destination_topic, max_lateness, due_at, created_at, updated_at, content_hash)
  select v_id, e.id, e.owner, e.lane, coalesce(r.timezone, e.timezone), i.starts,
    case when not s.starts_as_instant then l.starts end,
    not s.starts_as_instant and is_second_pass(l.starts, i.starts, coalesce(r.timezone, e.timezone)),
    i.ends,
    case when e.ends_local is not null then l.ends end,
    e.ends_local is not null and is_second_pass(l.ends, i.ends, coalesce(r.timezone, e.timezone)),
    e.destination_topic, e.max_lateness, i.starts, coalesce(p_now, now()), coalesce(p_now, now()), e.content_hash
  from events e
  join series s on s.event_id = e.id
  left join revisions r on (r.series_id, r.number) = (e.id, (p_occurrence).revision)
  cross join lateral (
    select (p_occurrence).instant as starts, (p_occurrence).instant + (e.ends_instant - e.scheduled_instant) as ends
  ) i
  cross join lateral (
    select i.starts at time zone coalesce(r.timezone, e.timezone) as starts, i.ends at time zone coalesce(r.timezone, e.timezone) as ends
  ) l
  where e.id = p_series_id;
  insert into event_contents (event_id, owner, payload, key, headers)
    select v_id, c.owner, c.payload, c.key, c.headers from event_contents c where c.event_id = p_series_id;
  perform place_exception(v_id, p_occurrence);
  return v_id;
end
$$;
alter function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) from public;
grant execute on function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) to scheduler_owner;
comment on function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) is 'Makes an occurrence an exception that is still like its series: a whole snapshot, SCHEDULED. The caller holds the series'' lock. Returns its id.';
--! EndIncluded series/except_occurrence.sql
--! Included series/settle_exceptions.sql
create or replace function scheduler_private.settle_exceptions(
  p_series_id text,
  p_settled jsonb,
  p_dropped jsonb,
  p_now timestamptz
) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_lanes smallint[];
begin
  delete from events e
  where e.series_id = p_series_id and e.status = 'SCHEDULED'
    and e.id in (select jsonb_array_elements_text(p_dropped));
  with settled as (
    update exceptions x set
      settled = true,
      original_wall = timestamp '1970-01-01' + (k.value ->> 'wall')::double precision * interval '1 second',
      original_second_pass = (k.value ->> 'secondPass')::boolean
    from jsonb_array_elements(p_settled) as k (value)
    where x.event_id = k.value ->> 'id' and x.series_id = p_series_id
    returning x.event_id
  ), released as (
    update events e set
      due_at = greatest(e.scheduled_instant, case when e.retry > 0 then v_now + s.retry_delays[least(e.retry, cardinality(s.retry_delays))] end)
    from settled, settings s
    where e.id = settled.event_id and e.status = 'SCHEDULED'
    returning e.lane, e.due_at
  )
  select array_agg(distinct r.lane) into v_lanes from released r, settings s where r.due_at <= v_now + s.horizon;
  perform pg_notify('scheduler_lanes', lane::text) from unnest(v_lanes) as lane;
end
$$;
alter function scheduler_private.settle_exceptions(text, jsonb, jsonb, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.settle_exceptions(text, jsonb, jsonb, timestamptz) from public;
comment on function scheduler_private.settle_exceptions(text, jsonb, jsonb, timestamptz) is 'After a change of the rule: exceptions whose original start is still an occurrence are due again, the others that are SCHEDULED are deleted.';
--! EndIncluded series/settle_exceptions.sql
--! Included series/store_pending.sql
create or replace function scheduler_private.store_pending(p_expanded jsonb, p_tz_version text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id constant text := p_expanded ->> 'id';
  v_found constant occurrence[] := array(
    select read_occurrence(o.value) from jsonb_array_elements(p_expanded -> 'pending') with ordinality as o (value, i) order by o.i);
  v_free constant occurrence[] := array(
    select o from unnest(v_found) o
    where not exists (
      select from exceptions x
      where x.series_id = v_id and ((x.original_wall, x.original_second_pass) = (o.wall, o.second_pass)
        or x.event_id = instance_id(v_id, o.instant))
    )
    order by o.instant);
begin
  update series s set
    pending = v_free,
    exhausted = (p_expanded ->> 'exhausted')::boolean,
    -- Exceptions are dealt with on their own; to look at the same ones again would never end.
    watermark = case when v_free = '{}' and v_found <> '{}' then v_found[cardinality(v_found)] else s.watermark end,
    judged_until = to_timestamp((p_expanded ->> 'judgedUntil')::double precision),
    tz_version = p_tz_version,
    version = s.version + 1
  where s.event_id = v_id;
end
$$;
alter function scheduler_private.store_pending(jsonb, text) owner to scheduler_engine;
revoke all on function scheduler_private.store_pending(jsonb, text) from public;
comment on function scheduler_private.store_pending(jsonb, text) is 'Stores the next occurrences of a series, without those that have an exception.';
--! EndIncluded series/store_pending.sql
--! Included series/check_instance_id.sql
create or replace function scheduler_private.check_instance_id(p_id text) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_\d{4}(0[1-9]|1[0-2])([0-2]\d|3[01])T([01]\d|2[0-3])[0-5]\d[0-5]\dZ$' then
    perform refuse('invalid_id', 'id', format('%L is neither a UUID nor the id of an instance.', left(p_id, 60)));
  elsif p_id like '________-____-____-____-_____________0000%'
    or substr(p_id, 44, 2)::integer > extract(day from make_date(substr(p_id, 38, 4)::integer, substr(p_id, 42, 2)::integer, 1) + interval '1 month - 1 day')
    or substr(p_id, 44, 2) = '00'
  then
    perform refuse('not_found', 'id', p_id);
  end if;
end
$$;
alter function scheduler_private.check_instance_id(text) owner to scheduler_owner;
revoke all on function scheduler_private.check_instance_id(text) from public;
comment on function scheduler_private.check_instance_id(text) is 'Raises invalid_id unless it has the form <UUID>_YYYYMMDDThhmmssZ, not_found when there is no such day.';
--! EndIncluded series/check_instance_id.sql
--! Included series/find_occurrence.sql
create or replace function scheduler_private.find_occurrence(
  p_id text,
  p_occurrence scheduler_private.occurrence,
  p_revision integer
) returns scheduler_private.occurrence
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_instant constant timestamptz := instant_of(p_id);
  v_series series;
  v_occurrence occurrence := p_occurrence;
  v_reason text;
begin
  perform refuse_unless_scheduled(left(p_id, 36));
  select * into strict v_series from series s where s.event_id = left(p_id, 36);
  if (p_occurrence).instant is null then
    select o.* into v_occurrence from unnest(v_series.pending) o where o.instant = v_instant;
    if not found then
      perform refuse('not_found', 'id', format('%s is not among the next occurrences of its series that are expanded; REST and GraphQL find every one.', p_id));
    end if;
  elsif v_series.revision <> p_revision then
    perform refuse('series_changed', 'id', p_id);
  elsif (p_occurrence).revision < (v_series.watermark).revision or v_instant <= (v_series.watermark).instant then
    select r.reason into v_reason from passed_ranges r
    where r.series_id = left(p_id, 36) and v_instant > r.after_instant and v_instant <= r.until_instant;
    perform refuse('final', 'status', case when v_reason is null then 'PUBLISHED' when v_reason = 'missed' then 'CANCELED' else 'FAILED' end);
  end if;
  return v_occurrence;
end
$$;
alter function scheduler_private.find_occurrence(text, scheduler_private.occurrence, integer) owner to scheduler_owner;
revoke all on function scheduler_private.find_occurrence(text, scheduler_private.occurrence, integer) from public;
comment on function scheduler_private.find_occurrence(text, scheduler_private.occurrence, integer) is 'The occurrence that an instance id means, if it is still to be published: the one given, which its caller expanded from that revision of the series, or one that is pending. The caller holds the series'' lock.';
--! EndIncluded series/find_occurrence.sql
--! Included series/revise_series.sql
create or replace function scheduler_private.revise_series(p_event scheduler_private.normal_event) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_event events;
  v_series series;
  v_closed_at timestamptz;
begin
  perform lock_series(array[p_event.id]);
  select * into strict v_event from events e where e.id = p_event.id;
  select * into strict v_series from series s where s.event_id = p_event.id;
  if v_event.status <> 'SCHEDULED' then
    return;
  end if;
  update series s set missed = p_event.missed, starts_as_instant = p_event.starts_as_instant, version = s.version + 1
  where s.event_id = p_event.id;
  if (v_event.scheduled_local, v_event.scheduled_second_pass, v_event.timezone, v_event.gap, v_event.overlap, v_series.recurrence)
    is not distinct from ((p_event.scheduled).local, (p_event.scheduled).second_pass, p_event.timezone, p_event.gap, p_event.overlap, p_event.recurrence)
  then
    return;
  end if;

  -- Not now(), which is when the transaction began: what was published while it waited follows the old rule.
  v_closed_at := greatest(clock_timestamp(), (v_series.watermark).instant);
  insert into revisions (series_id, number, closed_at, scheduled_local, timezone, recurrence, gap, overlap)
    values (p_event.id, v_series.revision, v_closed_at, v_event.scheduled_local, v_event.timezone, v_series.recurrence, v_event.gap, v_event.overlap);
  update series s set
    recurrence = p_event.recurrence,
    revision = s.revision + 1,
    pending = array(select o from unnest(s.pending) o where o.instant <= v_closed_at order by o.instant),
    exhausted = false
  where s.event_id = p_event.id;
  update events e set due_at = coalesce((s.pending[1]).instant, 'infinity'), expand_by = clock_timestamp()
  from series s where s.event_id = p_event.id and e.id = p_event.id;

  update exceptions x set
    settled = false,
    original_wall = x.original_instant at time zone p_event.timezone,
    original_second_pass = is_second_pass(x.original_instant at time zone p_event.timezone, x.original_instant, p_event.timezone)
  where x.series_id = p_event.id and x.original_instant > v_closed_at;
  update events e set due_at = 'infinity'
  where e.status = 'SCHEDULED' and e.id in (select x.event_id from exceptions x where x.series_id = p_event.id and not x.settled);
end
$$;
alter function scheduler_private.revise_series(scheduler_private.normal_event) owner to scheduler_owner;
revoke all on function scheduler_private.revise_series(scheduler_private.normal_event) from public;
comment on function scheduler_private.revise_series(scheduler_private.normal_event) is 'The part of a change of a series that is not in events. A new rule closes a revision: occurrences up to now follow the old one, and exceptions of later ones are held until the relay has said whether their original starts are still occurrences.';
--! EndIncluded series/revise_series.sql
--! Included functions/overwrite_event.sql
create or replace function scheduler_private.overwrite_event(
  p_id text,
  p_event scheduler_private.normal_event,
  p_status text
) returns scheduler.events
language plpgsql volatile
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  update events e set
    lane = lane_of(coalesce(p_event.key, e.series_id, e.id), (select count(*) from lanes)),
    timezone = p_event.timezone,
    scheduled_local = (p_event.scheduled).local,
    scheduled_instant = (p_event.scheduled).instant,
    scheduled_second_pass = (p_event.scheduled).second_pass,
    ends_local = (p_event.ends).local,
    ends_instant = (p_event.ends).instant,
    ends_second_pass = coalesce((p_event.ends).second_pass, false),
    destination_topic = p_event.destination_topic,
    gap = p_event.gap,
    overlap = p_event.overlap,
    max_lateness = p_event.max_lateness,
    -- A series is due at its occurrences, an exception that is not settled not before it is.
    due_at = case when e.recurs or e.due_at = 'infinity' then e.due_at else (p_event.scheduled).instant end,
    updated_at = now()
  where e.id = p_id and e.status = 'SCHEDULED' and e.status::text = coalesce(nullif(p_status, ''), 'SCHEDULED');
  if not found then
    perform refuse_unless_scheduled(p_id);
    perform refuse('status_mismatch', 'status', format('It is SCHEDULED, not %s.', left(p_status, 60)));
  end if;
  update event_contents c set payload = p_event.payload, key = p_event.key, headers = p_event.headers
  where c.event_id = p_id and (c.payload, c.key, c.headers) is distinct from (p_event.payload, p_event.key, p_event.headers);
  return event(p_id);
end
$$;
alter function scheduler_private.overwrite_event(text, scheduler_private.normal_event, text) owner to scheduler_owner;
revoke all on function scheduler_private.overwrite_event(text, scheduler_private.normal_event, text) from public;
comment on function scheduler_private.overwrite_event(text, scheduler_private.normal_event, text) is 'Gives an event, a series or an exception that is SCHEDULED other fields, all of them; status_mismatch unless p_status, if given, is that.';
--! EndIncluded functions/overwrite_event.sql
--! Included series/replace_instance.sql
create or replace function scheduler_private.replace_instance(
  p_id text,
  p_event scheduler.event_input,
  p_status text,
  p_occurrence scheduler_private.occurrence default null,
  p_revision integer default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(p_id);
  v_series events;
  v normal_event;
begin
  perform require_role('producer', 'operator');
  perform check_instance_id(v_id);
  if normal_id(nullif(p_event.id, '')) <> v_id then
    perform refuse('invalid_id', 'id', 'It differs from the instance that is to be replaced.');
  elsif nullif(p_event.recurrence, '') is not null then
    perform refuse('invalid_recurrence', 'recurrence', 'An instance of a series has none.');
  end if;
  select e.* into v_series from events e where e.id = left(v_id, 36) and e.recurs;
  if not found then
    perform refuse('not_found', 'id', v_id);
  end if;
  -- They are its series'. A second pass is given by its offset, as it is read, so that what is put back never moves.
  p_event.id := null;
  p_event.gap := null;
  p_event.overlap := null;
  p_event.missed := null;
  v := normalise_event(p_event, '', (select s.max_message_bytes from settings s));

  perform lock_series(array[v_series.id]);
  if not exists (select from events e where e.id = v_id) then
    perform refuse_in_flight(v_series.id);
    perform except_occurrence(v_series.id, find_occurrence(v_id, p_occurrence, p_revision));
  end if;
  return overwrite_event(v_id, v, p_status);
end
$$;
alter function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) owner to scheduler_owner;
revoke all on function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) from public;
grant execute on function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) to scheduler_api;
comment on function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) is 'Replaces one instance of a series, which becomes an exception: a whole snapshot, which later changes of the series do not touch. p_occurrence: what the caller found by expanding the series at that revision; null: it must be pending, or an exception already.';
--! EndIncluded series/replace_instance.sql
--! Included series/cancel_instance.sql
create or replace function scheduler_private.cancel_instance(
  p_id text,
  p_occurrence scheduler_private.occurrence default null,
  p_revision integer default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(p_id);
  v_event scheduler.events;
begin
  perform require_role('producer', 'operator');
  perform check_instance_id(v_id);
  if not exists (select from events e where e.id = left(v_id, 36) and e.recurs) then
    perform refuse('not_found', 'id', v_id);
  end if;
  perform lock_series(array[left(v_id, 36)]);
  if not exists (select from events e where e.id = v_id) then
    perform refuse_in_flight(left(v_id, 36));
    perform except_occurrence(left(v_id, 36), find_occurrence(v_id, p_occurrence, p_revision));
  end if;
  update events e set status = 'CANCELED' where e.id = v_id and e.status = 'SCHEDULED';
  v_event := event(v_id);
  if v_event.status <> 'CANCELED' then
    perform refuse_unless_scheduled(v_id);
  end if;
  return v_event;
end
$$;
alter function scheduler_private.cancel_instance(text, scheduler_private.occurrence, integer) owner to scheduler_owner;
revoke all on function scheduler_private.cancel_instance(text, scheduler_private.occurrence, integer) from public;
grant execute on function scheduler_private.cancel_instance(text, scheduler_private.occurrence, integer) to scheduler_api;
comment on function scheduler_private.cancel_instance(text, scheduler_private.occurrence, integer) is 'Cancels one instance of a series, which becomes an exception. The parameters are those of replace_instance.';
--! EndIncluded series/cancel_instance.sql
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
  v_id constant text := normal_id(replace_event.id);
  v_event events;
  v normal_event;
begin
  perform require_role('producer', 'operator');
  if length(v_id) > 36 then
    return replace_instance(v_id, replace_event.event, replace_event.status);
  elsif lower(nullif(replace_event.event.id, '')) <> v_id then
    perform refuse('invalid_id', 'id', 'It differs from the event that is to be replaced.');
  end if;
  replace_event.event.id := v_id;
  select e.* into v_event from events e where e.id = v_id;
  if not found then
    perform refuse('not_found', 'id', left(v_id, 60));
  end if;
  v := normalise_event(replace_event.event, '', (select s.max_message_bytes from settings s));
  if v_event.recurs <> (v.recurrence is not null) then
    perform refuse('invalid_recurrence', 'recurrence', 'A recurrence is neither added to an event nor taken away: cancel this one and schedule another.');
  elsif v_event.recurs then
    perform revise_series(v);
  end if;
  return overwrite_event(v_id, v, replace_event.status);
end
$$;
alter function scheduler.replace_event(text, scheduler.event_input, text) owner to scheduler_owner;
revoke all on function scheduler.replace_event(text, scheduler.event_input, text) from public;
grant execute on function scheduler.replace_event(text, scheduler.event_input, text) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.replace_event(text, scheduler.event_input, text) is E'@resultFieldName event\nReplaces the whole of an event, a series or one instance of a series that has not been published: absent optional fields take their defaults. A status, if given, must be the present one. Of a series what is past stays as it was.';
--! EndIncluded functions/replace_event.sql
--! Included functions/cancel_event.sql
create or replace function scheduler.cancel_event(id text) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(cancel_event.id);
  v_event scheduler.events;
begin
  perform require_role('producer', 'operator');
  if length(v_id) > 36 then
    return cancel_instance(v_id);
  end if;
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
comment on function scheduler.cancel_event(text) is E'@resultFieldName event\nCancels an event, a series with all its instances, or one instance, that has not been published. Cancelling a cancelled one is no error; one that is being published answers in_flight, a published or failed one final.';
--! EndIncluded functions/cancel_event.sql
drop function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz);
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
  due_in double precision,
  expansions boolean
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- To plan for a thousand ids anew each time costs more than the claim.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_until timestamptz;
  v_lane lanes;
  v_settings settings;
  v_ce_source text;
  v_ids text[];
  v_series text[];
  v_exceptions boolean;
  v_expansions boolean;
begin
  v_lane := lock_lane(p_lane, p_fence);
  if v_lane.quarantined_at is not null then
    perform refuse('lane_quarantined', 'lane', v_lane.quarantine_reason);
  elsif exists (select from batches b where b.lane = p_lane) then
    perform refuse('batch_open', 'lane');
  end if;
  select * into strict v_settings from settings;
  v_until := v_now + v_settings.look_ahead;
  v_ce_source := coalesce(v_settings.ce_source, '/scheduler/' || (select d.name from deployment d));

  select array_agg(due.id) filter (where not due.recurs), array_agg(due.id) filter (where due.recurs), bool_or(due.series_id is not null)
    into v_ids, v_series, v_exceptions
  from (
    select e.id, e.recurs, e.series_id from events e
    where e.lane = p_lane and e.due_at <= v_until
    order by e.due_at
    limit p_limit
    for no key update skip locked
  ) due;
  if v_exceptions then
    v_ids := lock_series_of(v_ids);
  end if;
  if v_series is not null then
    v_series := judge_series(v_series, v_now, v_until);
  end if;
  v_expansions := exists (select from events e where e.lane = p_lane and e.expand_by is not null);
  if v_ids is null and v_series is null then
    return query
      select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text, (
        select extract(epoch from e.due_at - v_settings.look_ahead - v_now)::double precision
        from events e where e.lane = p_lane and e.due_at < 'infinity' order by e.due_at limit 1
      ), v_expansions;
    return;
  end if;

  -- Later statements than the one that locked: their snapshots have every change that came before the lock,
  -- of the instant, too.
  return query
    with named as materialized (
      select e.id as message_id, e.id, e.series_id, e.owner, e.destination_topic, e.scheduled_instant, e.max_lateness, e.due_at, k.i
      from unnest(v_ids) with ordinality as k (id, i)
      join events e on e.id = k.id
      union all
      select instance_id(e.id, o.instant), e.id, e.id, e.owner, e.destination_topic, o.instant, null, o.instant, null
      from unnest(v_series) as k (id)
      join events e on e.id = k.id
      join series s on s.event_id = k.id
      cross join unnest(s.pending) as o
      where o.instant <= v_until
    ), due as materialized (
      select row_number() over (order by n.due_at, n.i, n.message_id) as i, n.message_id, n.series_id, n.owner, n.destination_topic,
        n.scheduled_instant, n.max_lateness, n.due_at,
        c.event_id is not null as has_contents, c.payload, coalesce(c.key, n.series_id) as key,
        case when n.series_id is null then c.headers else c.headers || jsonb_build_object('scheduler-series-id', n.series_id) end as headers
      -- Every row that was locked gives one message at least: what is cut off comes later than all that is taken.
      from (select * from named order by due_at, i, message_id limit p_limit) n
      left join event_contents c on c.event_id = n.id
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
      from judged j where j.why is not null and e.id = j.message_id
    ), taken as materialized (
      select * from (
        select j.*, sum(message_bytes(j.payload, j.key, j.headers)) over (order by j.i) as bytes,
          row_number() over (order by j.i) as place
        from judged j where j.why is null
      ) sized
      where bytes <= p_max_bytes or place = 1
    ), opened as (
      insert into batches (lane, delivery_mode, event_ids, series_ids, claimed_at)
      select p_lane, v_settings.delivery_mode, array_agg(t.message_id order by t.i),
        case when v_series is null and not v_exceptions then '{}' else series_named(array_agg(t.message_id)) end, v_now
      from taken t having count(*) > 0
      returning id
    )
    select o.id, v_settings.delivery_mode, t.message_id, t.destination_topic, t.key, t.headers, t.payload,
      format_moment(null, t.scheduled_instant, false), v_ce_source, extract(epoch from t.due_at - v_now)::double precision, v_expansions
    from opened o, taken t
    order by t.i;
  if not found then
    return query select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text,
      0::double precision, v_expansions;
  end if;
end
$$;
alter function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) from public;
grant execute on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) to scheduler_relay;
comment on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) is 'Opens a batch of the lane''s due events and occurrences, in their order: a row for each, due_in the seconds until its instant (negative when late). When nothing is due: one row without event, due_in the seconds until the next one may be claimed, null when there is none, zero or less when all that is due is locked by somebody. What is too late, or may not go to its topic any more, is finished here without an attempt. expansions: series of the lane are to be expanded.';
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
  perform lock_series(v_batch.series_ids);
  update events set status = 'PUBLISHED', due_at = null, published_at = v_now, updated_at = v_now, last_error = null
  where id = any (v_batch.event_ids);
  if v_batch.series_ids <> '{}' then
    -- What is left are occurrences that are no events of their own.
    with sent as (
      select left(m.id, 36) as series_id, max(instant_of(m.id)) as last
      from unnest(v_batch.event_ids) as m (id)
      where length(m.id) > 36 and not exists (select from events x where x.id = m.id)
      group by 1
    )
    update series s set
      pending = array(select o from unnest(s.pending) o where o.instant > sent.last order by o.instant),
      watermark = (select o from unnest(s.pending) o where o.instant = sent.last),
      published = true,
      version = s.version + 1
    from sent where s.event_id = sent.series_id;
    perform reckon_series(v_batch.series_ids, v_now);
  end if;
  if v_batch.delivery_mode = 'exactly_once' then
    update lanes l set last_confirmed = p_batch where l.lane = p_lane;
  end if;
  return true;
end
$$;
alter function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) from public;
grant execute on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) is 'The batch is on its topics: its events are PUBLISHED, its series are past what they sent. False when it is not the open batch any more.';
--! EndIncluded engine/confirm.sql
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
  perform lock_series(v_batch.series_ids);
  -- An occurrence that is refused becomes an exception, which has attempts of its own; its series goes on.
  perform except_occurrence(s.event_id, o, v_now)
    from unnest(p_event_ids) as r (id)
    join series s on s.event_id = left(r.id, 36)
    cross join unnest(s.pending) o
    where length(r.id) > 36 and r.id = any (v_batch.event_ids)
      and o.instant = instant_of(r.id) and not exists (select from events x where x.id = r.id);
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
    insert into batches (lane, delivery_mode, event_ids, series_ids, claimed_at)
      values (p_lane, v_batch.delivery_mode, v_rest, series_named(v_rest), v_now)
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
  insert into batches (lane, delivery_mode, event_ids, series_ids, claimed_at)
    values (p_lane, v_batch.delivery_mode, v_batch.event_ids[:p_keep], series_named(v_batch.event_ids[:p_keep]), coalesce(p_now, clock_timestamp()))
    returning id into v_new;
  return v_new;
end
$$;
alter function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) from public;
grant execute on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) to scheduler_relay;
comment on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) is 'A batch of which nothing was published was refused as a whole: its first p_keep events go on under a new id, the others are free. Null when it is not the open batch any more.';
--! EndIncluded engine/narrow.sql
--! Included engine/series_to_expand.sql
create or replace function scheduler_private.series_to_expand(p_lane smallint, p_fence bigint, p_limit integer, p_now timestamptz default null)
returns table (
  id text,
  version bigint,
  missed text,
  revisions jsonb,
  watermark jsonb,
  created_at_seconds double precision,
  now_seconds double precision,
  checked boolean,
  unsettled jsonb
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
begin
  perform lock_lane(p_lane, p_fence);
  return query
    select t.id, t.version, t.missed, t.revisions, t.watermark, t.created_at_seconds,
      extract(epoch from coalesce(p_now, clock_timestamp()))::double precision,
      s.tz_version is not null,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', x.event_id, 'instant', extract(epoch from x.original_instant),
          'wall', extract(epoch from x.original_wall), 'secondPass', x.original_second_pass, 'final', xe.status <> 'SCHEDULED'))
        from exceptions x join events xe on xe.id = x.event_id
        where x.series_id = t.id and not x.settled
      ), '[]')
    from (
      select e.id, e.expand_by from events e
      where e.lane = p_lane and e.expand_by is not null
      order by e.expand_by
      limit p_limit
    ) marked
    join series_state t on t.id = marked.id
    join series s on s.event_id = marked.id
    order by marked.expand_by;
end
$$;
alter function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) from public;
grant execute on function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) to scheduler_relay;
comment on function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) is 'The lane''s series that are marked for expansion, those that need it first first. checked: it was expanded before; unsettled: exceptions of which to say whether their original starts are still occurrences.';
--! EndIncluded engine/series_to_expand.sql
--! Included engine/store_occurrences.sql
create or replace function scheduler_private.store_occurrences(
  p_lane smallint,
  p_fence bigint,
  p_expanded jsonb,
  p_tz_version text,
  p_now timestamptz default null
) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_stored integer := 0;
  v_one jsonb;
begin
  perform lock_lane(p_lane, p_fence);
  -- In one order, as everybody locks them.
  for v_one in select value from jsonb_array_elements(p_expanded) order by value ->> 'id' loop
    perform lock_series(array[v_one ->> 'id']);
    if exists (select from events e join series s on s.event_id = e.id
        where e.id = v_one ->> 'id' and e.status = 'SCHEDULED' and s.version = (v_one ->> 'version')::bigint)
      and not exists (select from batches b where v_one ->> 'id' = any (b.series_ids))
    then
      if v_one ->> 'error' is not null then
        update events e set status = 'FAILED', last_error = v_one #>> '{error,code}', due_at = null, expand_by = null,
          updated_at = coalesce(p_now, now())
        where e.status = 'SCHEDULED' and (e.id = v_one ->> 'id' or e.series_id = v_one ->> 'id');
      else
        if v_one -> 'settled' <> '[]' or v_one -> 'dropped' <> '[]' then
          perform settle_exceptions(v_one ->> 'id', v_one -> 'settled', v_one -> 'dropped', p_now);
        end if;
        if v_one ->> 'passed' is not null then
          perform pass_over(v_one ->> 'id', read_occurrence(v_one -> 'passed'), 'missed');
        end if;
        perform store_pending(v_one, p_tz_version);
        perform reckon_series(array[v_one ->> 'id'], p_now);
        -- However few they are where others have exceptions: to ask again would give the same.
        update events e set expand_by = null from series s
        where e.id = v_one ->> 'id' and s.event_id = e.id and s.pending <> '{}' and e.expand_by is not null;
      end if;
      v_stored := v_stored + 1;
    end if;
  end loop;
  return v_stored;
end
$$;
alter function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) from public;
grant execute on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) is 'What the relay has worked out of series_to_expand: [{id, version, pending: [{instant, wall, secondPass, revision}], exhausted, passed, judgedUntil, settled, dropped, error}]. Series that have changed since, or of which something is being published, stay marked. Returns how many were stored. p_tz_version: of the relay''s time zone database.';
--! EndIncluded engine/store_occurrences.sql
--! Included engine/mark_outdated_series.sql
create or replace function scheduler_private.mark_outdated_series(p_lane smallint, p_fence bigint, p_tz_version text, p_limit integer) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_marked integer;
begin
  perform lock_lane(p_lane, p_fence);
  with outdated as (
    select e.id from series s join events e on e.id = s.event_id
    where s.tz_version < p_tz_version and e.lane = p_lane and e.status = 'SCHEDULED' and e.expand_by is null
    limit p_limit
    for no key update of e skip locked
  )
  update events e set expand_by = least(e.due_at, now()) from outdated where e.id = outdated.id;
  get diagnostics v_marked = row_count;
  return v_marked;
end
$$;
alter function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) owner to scheduler_engine;
revoke all on function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) from public;
grant execute on function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) to scheduler_relay;
comment on function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) is 'Marks up to p_limit series of the lane whose occurrences come from an older time zone database than p_tz_version, and returns how many.';
--! EndIncluded engine/mark_outdated_series.sql
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
    where e.due_at is null and e.series_id is null and e.updated_at < coalesce(p_now, now()) - s.retention
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
comment on function scheduler_private.delete_expired_events(integer, timestamptz) is 'Retention: deletes up to p_limit events that have been final for longer than settings.retention, the oldest first, exceptions with their series, and returns how many.';
--! EndIncluded engine/delete_expired_events.sql
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
  update events e set lane = lane_of(coalesce(c.key, e.series_id, e.id), set_lane_count.lanes)
    from event_contents c
    where c.event_id = e.id and e.due_at is not null
      and e.lane <> lane_of(coalesce(c.key, e.series_id, e.id), set_lane_count.lanes);
end
$$;
alter function scheduler.set_lane_count(integer) owner to scheduler_engine;
revoke all on function scheduler.set_lane_count(integer) from public;
grant execute on function scheduler.set_lane_count(integer) to scheduler_operator;
comment on function scheduler.set_lane_count(integer) is E'@omit\nChanges the number of lanes, with every relay stopped. Every waiting event is rewritten whose lane changes.';
--! EndIncluded engine/set_lane_count.sql
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
    left join lateral (
      select e.due_at from events e where e.lane = l.lane and e.due_at is not null order by e.due_at limit 1
    ) due on true
    where due.due_at <= v_now + s.horizon
      or exists (select from events e where e.lane = l.lane and e.expand_by is not null);
  update ticks set ticked_at = v_now, oldest_due_at = v_oldest;
  return v_lanes;
end
$$;
alter function scheduler_private.tick(timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.tick(timestamptz) from public;
comment on function scheduler_private.tick(timestamptz) is 'Notifies every lane that has work now or soon, or series to expand, frees lanes whose lease has expired, and notes what is overdue. Returns how many lanes were notified.';
--! EndIncluded engine/tick.sql
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
      ('scheduler time zones', '37 * * * *', 'call scheduler_private.follow_timezone_database()'),
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
comment on function scheduler_private.install_cron() is 'Schedules tick, retention and the look at the time zone database with pg_cron; may be run again at any time. Returns how the tick runs, null where pg_cron is not installed in this database. The jobs belong to who calls it.';
--! EndIncluded engine/install_cron.sql
--! Included timezones/timezone_fingerprint.sql
create or replace function scheduler_private.timezone_fingerprint(p_now timestamptz default null) returns bytea
language sql stable
set search_path = scheduler_private, pg_temp
as $$
  select sha256(convert_to(string_agg(format('%s %s', z.name, utc_offset(i.instant, z.name)), ',' order by z.name, i.instant), 'UTF8'))
  from timezones z
  cross join generate_series(
    date_trunc('year', coalesce(p_now, now()), 'UTC'), date_trunc('year', coalesce(p_now, now()), 'UTC') + interval '4 years', interval '10 days') as i (instant)
$$;
alter function scheduler_private.timezone_fingerprint(timestamptz) owner to scheduler_owner;
revoke all on function scheduler_private.timezone_fingerprint(timestamptz) from public;
grant execute on function scheduler_private.timezone_fingerprint(timestamptz) to scheduler_engine;
comment on function scheduler_private.timezone_fingerprint(timestamptz) is 'Tells the time zone database of this Postgres from another one by the offsets of four years, one in ten days: Postgres does not tell its version.';
--! EndIncluded timezones/timezone_fingerprint.sql
--! Included timezones/derive_instants_after.sql
create or replace function scheduler_private.derive_instants_after(p_id text, p_limit integer) returns text
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_ids text[];
begin
  select array_agg(l.id order by l.id) into v_ids from (
    select e.id from events e
    where e.id > p_id and e.due_at is not null and e.scheduled_local is not null
    order by e.id
    limit p_limit
    for no key update
  ) l;
  with derived as (
    select e.id, i.starts, i.ends
    from events e
    cross join lateral (select coalesce(nullif(e.overlap, 'both'), 'first') as overlap) o
    cross join lateral (
      select resolve_local(e.scheduled_local, e.timezone, case when e.scheduled_second_pass then 'last' else o.overlap end) as starts,
        case when e.ends_local is null then e.ends_instant
          else resolve_local(e.ends_local, e.timezone, case when e.ends_second_pass then 'last' else o.overlap end) end as ends
    ) i
    where e.id = any (v_ids) and (i.starts, i.ends) is distinct from (e.scheduled_instant, e.ends_instant)
      -- What is being published is on its way.
      and not exists (select from batches b where b.lane = e.lane and e.id = any (b.event_ids))
  )
  update events e set
    scheduled_instant = d.starts,
    ends_instant = case when d.ends is not null then greatest(d.starts, d.ends) end,
    due_at = case when e.recurs or e.retry > 0 or not isfinite(e.due_at) then greatest(e.due_at, d.starts) else d.starts end
  from derived d where e.id = d.id;
  update events e set expand_by = least(e.expand_by, e.due_at, clock_timestamp()) where e.id = any (v_ids) and e.recurs;
  return v_ids[cardinality(v_ids)];
end
$$;
alter function scheduler_private.derive_instants_after(text, integer) owner to scheduler_engine;
revoke all on function scheduler_private.derive_instants_after(text, integer) from public;
grant execute on function scheduler_private.derive_instants_after(text, integer) to scheduler_owner, scheduler_operator;
comment on function scheduler_private.derive_instants_after(text, integer) is 'Derives the instants of the next p_limit scheduled events after an id from their wall times again; series among them are marked for expansion. Returns the last id, null when there are no more.';
--! EndIncluded timezones/derive_instants_after.sql
--! Included timezones/derive_instants.sql
create or replace procedure scheduler.derive_instants()
language plpgsql
as $$
declare
  v_id text := '';
begin
  perform scheduler_private.require_role('operator');
  while v_id is not null loop
    v_id := scheduler_private.derive_instants_after(v_id, 1000);
    commit;
  end loop;
end
$$;
alter procedure scheduler.derive_instants() owner to scheduler_owner;
revoke all on procedure scheduler.derive_instants() from public;
grant execute on procedure scheduler.derive_instants() to scheduler_operator;
comment on procedure scheduler.derive_instants() is E'@omit\nDerives every future instant from its wall time and zone again, in batches. Happens by itself when Postgres has a new time zone database (one-off events), or a relay (series). A procedure that commits takes neither SECURITY DEFINER nor SET.';
--! EndIncluded timezones/derive_instants.sql
--! Included timezones/follow_timezone_database.sql
create or replace procedure scheduler_private.follow_timezone_database()
language plpgsql
as $$
declare
  v_fingerprint bytea;
begin
  v_fingerprint := scheduler_private.timezone_fingerprint();
  if v_fingerprint is not distinct from (select t.fingerprint from scheduler_private.timezone_database t) then
    return;
  end if;
  call scheduler.derive_instants();
  update scheduler_private.timezone_database set fingerprint = v_fingerprint, followed_at = now();
end
$$;
alter procedure scheduler_private.follow_timezone_database() owner to scheduler_owner;
revoke all on procedure scheduler_private.follow_timezone_database() from public;
comment on procedure scheduler_private.follow_timezone_database() is 'When Postgres has another time zone database than last time, or names were added: derives the instants of local times again. A procedure that commits takes neither SECURITY DEFINER nor SET.';
--! EndIncluded timezones/follow_timezone_database.sql

drop trigger finish_canceled_events on scheduler_private.events;
drop trigger guard_event_deletes on scheduler_private.events;
drop trigger guard_event_updates on scheduler_private.events;
drop trigger check_inserted_events on scheduler_private.events;
drop trigger check_updated_events on scheduler_private.events;
drop trigger guard_contents_updates on scheduler_private.event_contents;
drop trigger guard_contents_deletes on scheduler_private.event_contents;
drop trigger guard_attempts_deletes on scheduler_private.attempts;
drop trigger refuse_truncate on scheduler_private.events;
drop trigger refuse_truncate on scheduler_private.event_contents;
drop trigger refuse_truncate on scheduler_private.attempts;
--! Included triggers/finish_canceled_events.sql
create or replace function scheduler_private.finish_canceled_events() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.due_at := null;
  new.expand_by := null;
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
--! Included triggers/guard_event_deletes.sql
create or replace function scheduler_private.guard_event_deletes() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select o.id into v_id from old_rows o, settings s
  where case
    -- What a changed rule does not have any more was never published.
    when o.series_id is not null and o.status = 'SCHEDULED' then current_user <> 'scheduler_engine'
    when exists (select from series k where k.event_id = o.series_id) then true
    else o.status = 'SCHEDULED' or o.updated_at > now() - s.retention
  end
  limit 1;
  if found then
    perform refuse('not_deletable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_event_deletes() owner to scheduler_owner;
revoke all on function scheduler_private.guard_event_deletes() from public;
comment on function scheduler_private.guard_event_deletes() is 'Trigger, once per statement: only what has been final for longer than the retention is deleted, whoever does it; exceptions leave with their series.';

create trigger guard_event_deletes after delete on scheduler_private.events
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_event_deletes();
alter table scheduler_private.events enable always trigger guard_event_deletes;
--! EndIncluded triggers/guard_event_deletes.sql
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
  select o.id into v_id from old_rows o join batches b on o.id = any (b.series_ids) where o.recurs limit 1;
  if found then
    perform refuse('in_flight', 'id', v_id);
  end if;
  -- EXCEPT and not a join: a plan made for few rows would take for ever with many.
  select changed.id into v_id from (
    select n.id, n.owner, n.created_at, n.content_hash, n.retry, n.published_at, n.recurs, n.series_id from new_rows n
    except
    select o.id, o.owner, o.created_at, o.content_hash, o.retry, o.published_at, o.recurs, o.series_id from old_rows o
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
comment on function scheduler_private.guard_event_updates() is 'Trigger, once per statement, whoever made it: final stays final, what the open batch of a lane names, a series by its instances, does not change, and only the engine publishes, fails and counts attempts.';

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
    where due_at <= now() + (select s.horizon from settings s) or expand_by is not null) n;
  return null;
end
$$;
alter function scheduler_private.check_scheduled_events() owner to scheduler_owner;
revoke all on function scheduler_private.check_scheduled_events() from public;
comment on function scheduler_private.check_scheduled_events() is 'Trigger, once per statement: topic legal and granted to the owner, zone and lane known; wakes the lanes that have something due soon, or a series to expand.';

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
  where e.lane <> lane_of(coalesce(n.key, e.series_id, e.id), (select count(*) from lanes))
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
comment on function scheduler_private.guard_contents_deletes() is 'Trigger, once per statement: what belongs to an event leaves with it only.';

create trigger guard_contents_deletes after delete on scheduler_private.event_contents
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
create trigger guard_attempts_deletes after delete on scheduler_private.attempts
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.event_contents enable always trigger guard_contents_deletes;
alter table scheduler_private.attempts enable always trigger guard_attempts_deletes;
create trigger guard_series_deletes after delete on scheduler_private.series
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.series enable always trigger guard_series_deletes;
create trigger guard_exceptions_deletes after delete on scheduler_private.exceptions
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.exceptions enable always trigger guard_exceptions_deletes;
--! EndIncluded triggers/guard_contents_deletes.sql
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
create trigger refuse_truncate before truncate on scheduler_private.series
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.series enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.revisions
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.revisions enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.exceptions
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.exceptions enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.passed_ranges
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.passed_ranges enable always trigger refuse_truncate;
--! EndIncluded triggers/refuse_truncate.sql
--! Included triggers/guard_exceptions.sql
create or replace function scheduler_private.guard_exceptions() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_series events;
begin
  -- Before anything is looked at: whoever changes an instance holds its series, as a claim does.
  select * into v_series from events e where e.id = new.series_id and e.recurs for no key update;
  if not found then
    perform refuse('not_found', 'recurrenceId', left(new.series_id, 60));
  elsif v_series.status <> 'SCHEDULED' then
    perform refuse('final', 'status', format('%s is %s.', v_series.id, v_series.status));
  elsif new.owner <> v_series.owner then
    perform refuse('immutable', 'owner', format('An exception has the owner of its series, %s.', v_series.owner));
  elsif new.id <> instance_id(new.series_id, instant_of(new.id)) then
    perform refuse('invalid_id', 'id', format('%L is no instance of %s.', new.id, new.series_id));
  elsif current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    perform refuse('isolation_level');
  elsif current_user <> 'scheduler_engine' then
    perform refuse_in_flight(new.series_id);
  end if;
  return new;
end
$$;
alter function scheduler_private.guard_exceptions() owner to scheduler_owner;
revoke all on function scheduler_private.guard_exceptions() from public;
comment on function scheduler_private.guard_exceptions() is 'Trigger: an exception belongs to a series that is SCHEDULED and of which nothing is being published.';

create trigger guard_exceptions before insert on scheduler_private.events
  for each row when (new.series_id is not null)
  execute function scheduler_private.guard_exceptions();
alter table scheduler_private.events enable always trigger guard_exceptions;
--! EndIncluded triggers/guard_exceptions.sql
--! Included triggers/register_exceptions.sql
create or replace function scheduler_private.register_exceptions() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_instant timestamptz;
  v_timezone text;
  v_occurrence occurrence;
begin
  v_instant := instant_of(new.id);
  select o.* into v_occurrence from series s cross join unnest(s.pending) o
  where s.event_id = new.series_id and o.instant = v_instant;
  if not found then
    select e.timezone into strict v_timezone from events e where e.id = new.series_id;
    v_occurrence.wall := v_instant at time zone v_timezone;
    v_occurrence.second_pass := is_second_pass(v_occurrence.wall, v_instant, v_timezone);
  end if;
  insert into exceptions (event_id, series_id, original_instant, original_wall, original_second_pass)
    values (new.id, new.series_id, v_instant, v_occurrence.wall, v_occurrence.second_pass);
  update series s set
    pending = array(select o from unnest(s.pending) o where o.instant <> v_instant order by o.instant),
    version = s.version + 1
  where s.event_id = new.series_id;
  perform reckon_series(array[new.series_id]);
  return null;
end
$$;
alter function scheduler_private.register_exceptions() owner to scheduler_engine;
revoke all on function scheduler_private.register_exceptions() from public;
comment on function scheduler_private.register_exceptions() is 'Trigger: an exception takes the place of its occurrence, which its series does not publish any more.';

create trigger register_exceptions after insert on scheduler_private.events
  for each row when (new.series_id is not null)
  execute function scheduler_private.register_exceptions();
alter table scheduler_private.events enable always trigger register_exceptions;
--! EndIncluded triggers/register_exceptions.sql
--! Included triggers/follow_instances.sql
create or replace function scheduler_private.follow_instances() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  if new.recurs then
    update events x set status = 'CANCELED' where x.series_id = new.id and x.status = 'SCHEDULED';
  else
    perform lock_series(array[new.series_id]);
    perform reckon_series(array[new.series_id]);
  end if;
  return null;
end
$$;
alter function scheduler_private.follow_instances() owner to scheduler_owner;
revoke all on function scheduler_private.follow_instances() from public;
comment on function scheduler_private.follow_instances() is 'Trigger, whoever made the change: a series that is cancelled takes its scheduled exceptions along, and one whose last instance became final is finished.';

create trigger follow_instances after update on scheduler_private.events
  for each row when (old.status = 'SCHEDULED' and new.status <> 'SCHEDULED'
    and (new.series_id is not null or new.recurs and new.status = 'CANCELED'))
  execute function scheduler_private.follow_instances();
alter table scheduler_private.events enable always trigger follow_instances;
--! EndIncluded triggers/follow_instances.sql

--! Included functions/schema_version.sql
create or replace function scheduler.schema_version() returns integer
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select 3
$$;
alter function scheduler.schema_version() owner to scheduler_owner;
revoke all on function scheduler.schema_version() from public;
grant execute on function scheduler.schema_version() to scheduler_api, scheduler_relay, scheduler_operator, scheduler_reader;
comment on function scheduler.schema_version() is E'@omit\nVersion of this schema: programs work with their own and the one before.';
--! EndIncluded functions/schema_version.sql
