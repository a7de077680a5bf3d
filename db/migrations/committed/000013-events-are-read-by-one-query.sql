--! Previous: sha1:7b0f7c4f6a462de27b320b837f62e68fb7ab4623
--! Hash: sha1:1a7630610c6695ac1d975ae6bfece878244b577a
--! Message: events are read by one query

-- Enter migration here
alter table scheduler_private.event_contents drop constraint event_contents_event_id_fkey;
grant delete on scheduler_private.event_contents to scheduler_engine;
drop trigger check_inserted_events on scheduler_private.events;
drop trigger check_updated_events on scheduler_private.events;
--! Included triggers/check_scheduled_events.sql
create or replace function scheduler_private.check_scheduled_events() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_soon constant timestamptz := (select now() + s.horizon from settings s);
  v_alike record;
begin
  for v_alike in
    select n.owner, n.destination_topic, n.timezone, n.lane,
      bool_or(n.status = 'SCHEDULED') as are_scheduled,
      bool_or(n.due_at <= v_soon or n.expand_by is not null) as are_awaited
    from new_rows n group by n.owner, n.destination_topic, n.timezone, n.lane
  loop
    if v_alike.are_scheduled then
      if not topic_is_legal(v_alike.destination_topic) then
        perform refuse('invalid_topic', 'destinationTopic', v_alike.destination_topic);
      elsif not topic_is_granted(v_alike.owner, v_alike.destination_topic) then
        perform refuse('topic_not_granted', 'destinationTopic', format('%s may not schedule to %s.', v_alike.owner, v_alike.destination_topic));
      end if;
    end if;
    if not exists (select from timezones t where t.name = v_alike.timezone) then
      perform refuse('invalid_timezone', 'timezone', format('%L is not known.', v_alike.timezone));
    elsif not exists (select from lanes l where l.lane = v_alike.lane) then
      perform refuse('invalid_event', 'lane', format('There is no lane %s.', v_alike.lane));
    end if;
    -- NOTIFY takes a lock of the whole database at commit: once per lane, and only for what is due soon.
    if v_alike.are_awaited then
      perform pg_notify('scheduler_lanes', v_alike.lane::text);
    end if;
  end loop;
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
--! Included triggers/refuse_orphan_contents.sql
create or replace function scheduler_private.refuse_orphan_contents() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- Each by its key: a plan made for few rows would read all events for many.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_id text;
begin
  select n.event_id into v_id from new_rows n
  where not exists (select from events e where e.id = n.event_id)
  limit 1;
  if found then
    perform refuse('invalid_event', 'id', format('There is no event %s.', left(v_id, 60)));
  end if;
  return null;
end
$$;
alter function scheduler_private.refuse_orphan_contents() owner to scheduler_engine;
revoke all on function scheduler_private.refuse_orphan_contents() from public;
comment on function scheduler_private.refuse_orphan_contents() is 'Trigger, once per statement: contents belong to an event. Not by a foreign key, which locks each event on its own: an eighth of what a creation costs.';

create trigger refuse_orphan_contents after insert on scheduler_private.event_contents
  referencing new table as new_rows
  for each statement execute function scheduler_private.refuse_orphan_contents();
alter table scheduler_private.event_contents enable always trigger refuse_orphan_contents;
--! EndIncluded triggers/refuse_orphan_contents.sql
--! Included triggers/delete_contents_of_events.sql
create or replace function scheduler_private.delete_contents_of_events() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  delete from event_contents c using old_rows o where c.event_id = o.id;
  return null;
end
$$;
alter function scheduler_private.delete_contents_of_events() owner to scheduler_engine;
revoke all on function scheduler_private.delete_contents_of_events() from public;
comment on function scheduler_private.delete_contents_of_events() is 'Trigger, once per statement: contents go with their event.';

create trigger delete_contents_of_events after delete on scheduler_private.events
  referencing old table as old_rows
  for each statement execute function scheduler_private.delete_contents_of_events();
alter table scheduler_private.events enable always trigger delete_contents_of_events;
--! EndIncluded triggers/delete_contents_of_events.sql
--! Included input/input_path.sql
create or replace function scheduler_private.input_path(p_index bigint, p_field text) returns text
language sql immutable parallel safe
return case when p_index is null then p_field else '[' || p_index || '].' || p_field end;
alter function scheduler_private.input_path(bigint, text) owner to scheduler_owner;
revoke all on function scheduler_private.input_path(bigint, text) from public;
comment on function scheduler_private.input_path(bigint, text) is 'How an error names a field, in a batch after the zero-based index of its event.';
--! EndIncluded input/input_path.sql
--! Included input/new_event_id.sql
create or replace function scheduler_private.new_event_id() returns text
language sql volatile
return overlay(gen_random_uuid()::text
  placing overlay(lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') placing '-' from 9 for 0) || '-7' from 1 for 15);
alter function scheduler_private.new_event_id() owner to scheduler_owner;
revoke all on function scheduler_private.new_event_id() from public;
comment on function scheduler_private.new_event_id() is 'A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random.';
--! EndIncluded input/new_event_id.sql
--! Included input/read_event_id.sql
create or replace function scheduler_private.read_event_id(p_id text, p_index bigint) returns text
language sql volatile
return case
  when p_id is null then scheduler_private.new_event_id()
  when lower(p_id) like '________-____-____-____-____________' and translate(lower(p_id), '0123456789abcdef', '') = '----' then lower(p_id)
  else scheduler_private.refuse('invalid_id', scheduler_private.input_path(p_index, 'id'), format('%L is not a UUID.', left(p_id, 60)))::text
end;
alter function scheduler_private.read_event_id(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_event_id(text, bigint) from public;
comment on function scheduler_private.read_event_id(text, bigint) is 'A UUID in lower case, a new one for null.';
--! EndIncluded input/read_event_id.sql
--! Included input/read_timezone.sql
create or replace function scheduler_private.read_timezone(p_timezone text, p_index bigint) returns text
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
begin
  if not exists (select from timezones where name = p_timezone) then
    perform refuse('invalid_timezone', input_path(p_index, 'timezone'), format('%L is not known.', left(p_timezone, 60)));
  end if;
  return p_timezone;
end
$$;
alter function scheduler_private.read_timezone(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_timezone(text, bigint) from public;
comment on function scheduler_private.read_timezone(text, bigint) is 'A zone that Postgres and Node both know.';
--! EndIncluded input/read_timezone.sql
--! Included input/read_recurrence.sql
create or replace function scheduler_private.read_recurrence(p_recurrence text, p_index bigint default null) returns text
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error constant recurrence_error := find_recurrence_error(p_recurrence);
begin
  if v_error is not null then
    perform refuse('invalid_recurrence', input_path(p_index, 'recurrence'), v_error.part || ' ' || v_error.problem || '. ' || v_error.remedy);
  end if;
  return p_recurrence;
end
$$;
alter function scheduler_private.read_recurrence(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_recurrence(text, bigint) from public;
comment on function scheduler_private.read_recurrence(text, bigint) is 'A recurrence as RFC 5545 writes it; the detail of the error names the part and what would be right.';
--! EndIncluded input/read_recurrence.sql
--! Included input/read_policy.sql
create or replace function scheduler_private.read_policy(
  p_name text,
  p_value text,
  p_recurs boolean,
  p_for_one_off text[],
  p_for_series text[],
  p_index bigint
) returns text
language sql stable
return case
  when p_value is null or p_value = any (case when p_recurs then p_for_series else p_for_one_off end) then p_value
  else scheduler_private.refuse('invalid_policy', scheduler_private.input_path(p_index, p_name),
    format('%L does not fit %s.', left(p_value, 60), case when p_recurs then 'a series' else 'a one-off event' end))::text
end;
alter function scheduler_private.read_policy(text, text, boolean, text[], text[], bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_policy(text, text, boolean, text[], text[], bigint) from public;
comment on function scheduler_private.read_policy(text, text, boolean, text[], text[], bigint) is 'gap, overlap or missed, of those that the kind of event takes.';
--! EndIncluded input/read_policy.sql
--! Included input/is_utc_date_time.sql
create or replace function scheduler_private.is_utc_date_time(p_text text) returns boolean
language sql immutable parallel safe
return p_text ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$';
alter function scheduler_private.is_utc_date_time(text) owner to scheduler_owner;
revoke all on function scheduler_private.is_utc_date_time(text) from public;
comment on function scheduler_private.is_utc_date_time(text) is 'Whether it is a date-time with Z that Postgres reads as RFC 3339 means it: of some that are right, such as those on the 29th, it does not say so.';
--! EndIncluded input/is_utc_date_time.sql
--! Included input/parse_moment.sql
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
  v_day integer;
  v_local timestamp;
  v_instant timestamptz;
begin
  if coalesce(v_text, '') = '' then
    perform refuse('invalid_date_time', p_field, 'It is missing.');
  end if;
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
  v_day := substr(v_text, 9, 2)::integer;
  if v_day = 0 or v_day > 28
    and v_day > extract(day from (left(v_text, 8) || '01')::date + interval '1 month - 1 day') then
    perform refuse('invalid_date_time', p_field, format('%s has no day %s.', left(v_text, 7), v_day));
  end if;
  v_local := (left(v_text, 19) || coalesce(v_rest[1], ''))::timestamp;

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
--! EndIncluded input/parse_moment.sql
--! Included input/read_start.sql
create or replace function scheduler_private.read_start(p_given scheduler_private.moment, p_timezone text, p_index bigint)
returns scheduler_private.moment
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_wall constant timestamp := coalesce(p_given.local, p_given.instant at time zone p_timezone);
begin
  if p_given.instant <> date_trunc('second', p_given.instant) then
    perform refuse('invalid_date_time', input_path(p_index, 'scheduledAt'), 'Recurring events have whole seconds.');
  elsif p_given.local is not null then
    return p_given;
  end if;
  return row(v_wall, p_given.instant, is_second_pass(v_wall, p_given.instant, p_timezone))::moment;
end
$$;
alter function scheduler_private.read_start(scheduler_private.moment, text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_start(scheduler_private.moment, text, bigint) from public;
comment on function scheduler_private.read_start(scheduler_private.moment, text, bigint) is 'DTSTART of a series: wall time, whatever was given, in whole seconds.';
--! EndIncluded input/read_start.sql
--! Included input/read_end.sql
create or replace function scheduler_private.read_end(
  p_given text,
  p_start scheduler_private.moment,
  p_timezone text,
  p_overlap text,
  p_index bigint
) returns scheduler_private.moment
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_end constant moment := parse_moment(p_given, p_timezone, p_overlap, input_path(p_index, 'endsAt'));
begin
  if v_end.instant < p_start.instant then
    perform refuse('invalid_ends_at', input_path(p_index, 'endsAt'));
  end if;
  return v_end;
end
$$;
alter function scheduler_private.read_end(text, scheduler_private.moment, text, text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_end(text, scheduler_private.moment, text, text, bigint) from public;
comment on function scheduler_private.read_end(text, scheduler_private.moment, text, text, bigint) is 'A date-time that is not before the start.';
--! EndIncluded input/read_end.sql
--! Included input/read_topic.sql
create or replace function scheduler_private.read_topic(p_topic text, p_index bigint) returns text
language sql stable
return case
  when scheduler_private.topic_is_legal(p_topic) then p_topic
  else scheduler_private.refuse('invalid_topic', scheduler_private.input_path(p_index, 'destinationTopic'),
    coalesce(format('%L is not a topic to schedule to.', left(p_topic, 60)), 'It is missing.'))::text
end;
alter function scheduler_private.read_topic(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_topic(text, bigint) from public;
comment on function scheduler_private.read_topic(text, bigint) is 'A topic that Kafka takes and that is the callers'' to use.';
--! EndIncluded input/read_topic.sql
--! Included input/read_headers.sql
create or replace function scheduler_private.read_headers(p_headers jsonb, p_index bigint) returns jsonb
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_path constant text := input_path(p_index, 'headers');
  v_name text;
  v_type text;
begin
  if jsonb_typeof(p_headers) <> 'object' then
    perform refuse('invalid_headers', v_path, 'Not an object.');
  end if;
  for v_name, v_type in select name, jsonb_typeof(value) from jsonb_each(p_headers) as header (name, value) loop
    if v_type <> 'string' then
      perform refuse('invalid_headers', v_path || '.' || v_name, 'The value is not a string.');
    elsif v_name = '' then
      perform refuse('invalid_headers', v_path, 'A name is empty.');
    elsif lower(v_name) like 'scheduler-%'
      or (lower(v_name) like 'ce\_%' and v_name not in ('ce_type', 'ce_source')) then
      perform refuse('invalid_headers', v_path || '.' || v_name, 'The name is reserved.');
    end if;
  end loop;
  return p_headers;
end
$$;
alter function scheduler_private.read_headers(jsonb, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_headers(jsonb, bigint) from public;
comment on function scheduler_private.read_headers(jsonb, bigint) is 'An object of strings whose names are the caller''s to give.';
--! EndIncluded input/read_headers.sql
--! Included input/read_payload.sql
create or replace function scheduler_private.read_payload(p_payload bytea, p_key text, p_headers jsonb, p_most_bytes integer, p_index bigint) returns bytea
language sql stable
return case
  when scheduler_private.message_bytes(p_payload, p_key, p_headers) <= p_most_bytes then p_payload
  when p_payload is null then
    scheduler_private.refuse('invalid_payload', scheduler_private.input_path(p_index, 'payload'), 'It is missing.')::text::bytea
  else scheduler_private.refuse('message_too_large', scheduler_private.input_path(p_index, 'payload'),
    format('%s bytes, at most %s.', scheduler_private.message_bytes(p_payload, p_key, p_headers), p_most_bytes))::text::bytea
end;
alter function scheduler_private.read_payload(bytea, text, jsonb, integer, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_payload(bytea, text, jsonb, integer, bigint) from public;
comment on function scheduler_private.read_payload(bytea, text, jsonb, integer, bigint) is 'The payload, of a message that is not too large.';
--! EndIncluded input/read_payload.sql
--! Included input/content_hash.sql
create or replace function scheduler_private.content_hash(
  p_scheduled scheduler_private.moment,
  p_starts_as_instant boolean,
  p_ends scheduler_private.moment,
  p_timezone text,
  p_destination_topic text,
  p_gap text,
  p_overlap text,
  p_max_lateness interval,
  p_payload bytea,
  p_key text,
  p_headers jsonb,
  p_recurrence text,
  p_missed text
) returns bytea
language sql stable
return sha256(convert_to(
  case
    when p_recurrence is null then jsonb_build_array(
      scheduler_private.format_moment((p_scheduled).local, (p_scheduled).instant, (p_scheduled).second_pass),
      scheduler_private.format_moment((p_ends).local, (p_ends).instant, (p_ends).second_pass),
      p_timezone, p_destination_topic, p_gap, p_overlap, scheduler_private.format_duration(p_max_lateness), p_key, p_headers)
    else jsonb_build_array(
      scheduler_private.format_moment(case when p_starts_as_instant then null else (p_scheduled).local end, (p_scheduled).instant, (p_scheduled).second_pass),
      scheduler_private.format_moment((p_ends).local, (p_ends).instant, (p_ends).second_pass),
      p_timezone, p_destination_topic, p_gap, p_overlap, scheduler_private.format_duration(p_max_lateness), p_key, p_headers,
      p_recurrence, p_missed)
  end::text, 'UTF8') || p_payload);
alter function scheduler_private.content_hash(scheduler_private.moment, boolean, scheduler_private.moment, text, text, text, text, interval, bytea, text, jsonb, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.content_hash(scheduler_private.moment, boolean, scheduler_private.moment, text, text, text, text, interval, bytea, text, jsonb, text, text) from public;
comment on function scheduler_private.content_hash(scheduler_private.moment, boolean, scheduler_private.moment, text, text, text, text, interval, bytea, text, jsonb, text, text) is 'SHA-256 of what a caller gave, after defaults: tells a repeated creation from another event.';
--! EndIncluded input/content_hash.sql
--! Included input/read_events.sql
create or replace function scheduler_private.read_events(p_events scheduler.event_input[], p_in_batch boolean, p_most_bytes integer)
returns setof scheduler_private.normal_event
-- Not volatile, though it makes ids: only so Postgres inlines it, and the functions in SQL that it calls, into the plan of who asks.
-- To call a function for each event would cost as much as to store it; those in plpgsql are for what is rare. `offset 0`: what
-- stands inside is worked out once.
language sql stable
begin atomic
  select e.id, e.timezone, e.scheduled, e.ends, e.destination_topic, e.gap, e.overlap, e.max_lateness, e.payload, e.key, e.headers,
    scheduler_private.content_hash(e.scheduled, e.starts_as_instant, e.ends, e.timezone, e.destination_topic, e.gap, e.overlap,
      e.max_lateness, e.payload, e.key, e.headers, e.recurrence, e.missed),
    e.recurrence, e.missed, e.starts_as_instant
  from (
    select m.id, m.timezone, m.recurrence, m.gap, m.overlap, m.missed,
      case when m.recurs then scheduler_private.read_start(m.given, m.timezone, m.index) else m.given end as scheduled,
      case when m.recurs then (m.given).local is null end as starts_as_instant,
      case when m.ends_at is not null then scheduler_private.read_end(m.ends_at, m.given, m.timezone, m.overlap, m.index) end as ends,
      case when m.max_lateness is not null then scheduler_private.parse_duration(m.max_lateness, scheduler_private.input_path(m.index, 'maxLateness')) end as max_lateness,
      scheduler_private.read_topic(m.destination_topic, m.index) as destination_topic,
      m.key,
      case when m.headers = '{}' then m.headers else scheduler_private.read_headers(m.headers, m.index) end as headers,
      scheduler_private.read_payload(m.payload, m.key, m.headers, p_most_bytes, m.index) as payload
    from (
      select r.*,
        case when scheduler_private.is_utc_date_time(r.scheduled_at) then row(null, r.scheduled_at::timestamptz, false)::scheduler_private.moment
          else scheduler_private.parse_moment(r.scheduled_at, r.timezone, r.overlap, scheduler_private.input_path(r.index, 'scheduledAt')) end as given
      from (
        select i.index, i.recurs,
          scheduler_private.read_event_id(i.id, i.index) as id,
          case when i.timezone = 'UTC' then i.timezone else scheduler_private.read_timezone(i.timezone, i.index) end as timezone,
          case when i.recurs then scheduler_private.read_recurrence(i.recurrence, i.index) end as recurrence,
          scheduler_private.read_policy('gap', i.gap, i.recurs, '{shift}', '{shift,skip}', i.index) as gap,
          scheduler_private.read_policy('overlap', i.overlap, i.recurs, '{first,last}', '{first,last,both}', i.index) as overlap,
          scheduler_private.read_policy('missed', i.missed, i.recurs, '{}', '{all,latest,skip}', i.index) as missed,
          i.scheduled_at, i.ends_at, i.max_lateness, i.destination_topic, i.key, i.headers, i.payload
        from (
          select case when p_in_batch then e.place - 1 end as index, nullif(e.id, '') as id, coalesce(nullif(e.timezone, ''), 'UTC') as timezone,
            nullif(e.recurrence, '') as recurrence, coalesce(e.recurrence <> '', false) as recurs,
            coalesce(nullif(e.gap, ''), 'shift') as gap,
            coalesce(nullif(e.overlap, ''), case when coalesce(e.recurrence, '') = '' then 'first' end) as overlap,
            nullif(e.missed, '') as missed, e.scheduled_at, nullif(e.ends_at, '') as ends_at, nullif(e.max_lateness, '') as max_lateness,
            e.destination_topic, nullif(e.key, '') as key, coalesce(e.headers, '{}') as headers, e.payload
          from unnest(p_events) with ordinality as e (id, scheduled_at, timezone, payload, destination_topic, ends_at, recurrence,
            gap, overlap, missed, max_lateness, key, headers, place)
        ) i
        offset 0
      ) r
      offset 0
    ) m
    offset 0
  ) e;
end;
alter function scheduler_private.read_events(scheduler.event_input[], boolean, integer) owner to scheduler_owner;
revoke all on function scheduler_private.read_events(scheduler.event_input[], boolean, integer) from public;
comment on function scheduler_private.read_events(scheduler.event_input[], boolean, integer) is 'Checks every field of events and gives the absent ones their defaults; an error names the field, in a batch after the index.';
--! EndIncluded input/read_events.sql
--! Included input/normalise_events.sql
create or replace function scheduler_private.normalise_events(p_events scheduler.event_input[], p_in_batch boolean)
returns scheduler_private.normal_event[]
language plpgsql volatile
set search_path = scheduler_private, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_max_message_bytes constant integer := (select s.max_message_bytes from settings s);
begin
  return array(select e from read_events(p_events, p_in_batch, v_max_message_bytes) e);
end
$$;
alter function scheduler_private.normalise_events(scheduler.event_input[], boolean) owner to scheduler_owner;
revoke all on function scheduler_private.normalise_events(scheduler.event_input[], boolean) from public;
comment on function scheduler_private.normalise_events(scheduler.event_input[], boolean) is 'What read_events makes of events, by a plan that is kept.';
--! EndIncluded input/normalise_events.sql
--! Included functions/store_events.sql
create or replace function scheduler_private.store_events(p_events scheduler.event_input[], p_in_batch boolean) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- To plan anew for each event costs more than to store it.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- Thousands of events stay out of temporary files.
set work_mem = '32MB'
as $$
declare
  v_identity constant text := identity();
  v_lanes constant bigint := (select count(*) from lanes);
  v_events normal_event[];
  v_stored integer;
  v_id text;
  v_index bigint;
begin
  perform require_role('producer', 'operator');
  v_events := normalise_events(p_events, p_in_batch);
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
--! Included functions/schedule_events.sql
create or replace function scheduler.schedule_events(events scheduler.event_input[]) returns setof scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- Thousands of events stay out of temporary files.
set work_mem = '32MB'
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
comment on function scheduler.schedule_events(scheduler.event_input[]) is E'@resultFieldName events\n@notNull\nSchedules many events in one statement, all or none. Repeating a creation is safe: known ids with the same content pass.';
--! EndIncluded functions/schedule_events.sql
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
  v := (normalise_events(array[replace_event.event], false))[1];
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
comment on function scheduler.replace_event(text, scheduler.event_input, text) is E'@resultFieldName event\n@notNull\nReplaces the whole of an event, a series or one instance of a series that has not been published: absent optional fields take their defaults. A status, if given, must be the present one. Of a series what is past stays as it was.';
--! EndIncluded functions/replace_event.sql
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
  v := (normalise_events(array[p_event], false))[1];

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
drop function scheduler_private.normalise_event(scheduler.event_input, text, integer);
drop function scheduler_private.check_policies(boolean, text, text, text, text);
drop function scheduler_private.check_headers(jsonb, text);
drop function scheduler_private.check_recurrence(text, text);
drop function scheduler_private.wall_moment(scheduler_private.moment, text);
