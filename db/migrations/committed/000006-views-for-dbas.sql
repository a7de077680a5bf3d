--! Previous: sha1:c100a3dce27befe1de183fab2dcdcd11b62d4693
--! Hash: sha1:68bad6575489e2ec08c11a1277909e0b6eb33d07
--! Message: views for DBAs

-- What is due, late and failed, how much is published, and a way to import events in large numbers.

alter table scheduler_private.lanes add column published bigint not null default 0;
comment on column scheduler_private.lanes.published is 'How many messages it has published in all: counted here, because a confirmation writes this row anyway.';
grant select (lane) on scheduler_private.lanes to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;

--! Included tables/throughput_samples.sql
create table scheduler_private.throughput_samples (
  minute timestamptz primary key,
  published bigint not null
);
alter table scheduler_private.throughput_samples owner to scheduler_owner;
comment on table scheduler_private.throughput_samples is 'How many messages had been published in all when a minute began, noted by its first tick and kept for a week.';
comment on column scheduler_private.throughput_samples.published is 'Sum of lanes.published.';
grant select, insert, delete on scheduler_private.throughput_samples to scheduler_engine;
--! EndIncluded tables/throughput_samples.sql
--! Included engine/confirm.sql
create or replace function scheduler_private.confirm(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_now timestamptz default null
) returns boolean
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
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
  update lanes l set
    published = l.published + cardinality(v_batch.event_ids),
    last_confirmed = case v_batch.delivery_mode when 'exactly_once' then p_batch else l.last_confirmed end
  where l.lane = p_lane;
  return true;
end
$$;
alter function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) from public;
grant execute on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) is 'The batch is on its topics: its events are PUBLISHED, its series are past what they sent. False when it is not the open batch any more.';
--! EndIncluded engine/confirm.sql
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
  insert into throughput_samples (minute, published)
    select date_trunc('minute', v_now), sum(l.published) from lanes l
    on conflict do nothing;
  if found then
    delete from throughput_samples t where t.minute < v_now - interval '7 days';
  end if;
  update ticks set ticked_at = v_now, oldest_due_at = v_oldest;
  return v_lanes;
end
$$;
alter function scheduler_private.tick(timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.tick(timestamptz) from public;
comment on function scheduler_private.tick(timestamptz) is 'Notifies every lane that has work now or soon, or series to expand, frees lanes whose lease has expired, and notes what is overdue and, once a minute, how much was published. Returns how many lanes were notified.';
--! EndIncluded engine/tick.sql
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
  with dropped as (delete from lanes l where l.lane >= set_lane_count.lanes returning l.published)
    update lanes l set published = l.published + (select coalesce(sum(d.published), 0) from dropped d) where l.lane = 0;
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
  if v.timezone <> 'UTC' and not exists (select from timezones where name = v.timezone) then
    perform refuse('invalid_timezone', p_path || 'timezone', format('%L is not known.', left(v.timezone, 60)));
  end if;

  if nullif(p_event.recurrence, '') is not null then
    perform check_recurrence(p_event.recurrence, p_path || 'recurrence');
    v.recurrence := p_event.recurrence;
  end if;
  v.gap := coalesce(nullif(p_event.gap, ''), 'shift');
  v.overlap := coalesce(nullif(p_event.overlap, ''), case when v.recurrence is null then 'first' end);
  v.missed := nullif(p_event.missed, '');
  -- What was not given fits.
  if coalesce(nullif(p_event.gap, ''), nullif(p_event.overlap, ''), v.missed) is not null then
    perform check_policies(v, p_path);
  end if;

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
  v_events := array(
    select normalise_event(given.e, case when p_in_batch then '[' || given.i || '].' else '' end, v_max_message_bytes)
    from (select e, row_number() over () - 1 as i from unnest(p_events) as e) given);
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
--! Included functions/import_events.sql
create or replace function scheduler.import_events(events scheduler.event_input[]) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  return cardinality(store_events(import_events.events, true));
end
$$;
alter function scheduler.import_events(scheduler.event_input[]) owner to scheduler_owner;
revoke all on function scheduler.import_events(scheduler.event_input[]) from public;
grant execute on function scheduler.import_events(scheduler.event_input[]) to scheduler_producer, scheduler_operator;
comment on function scheduler.import_events(scheduler.event_input[]) is E'@omit\nschedule_events for large numbers: it does not read back what it stored. Returns how many events that is, those that were known already included.';
--! EndIncluded functions/import_events.sql
--! Included views/due_soon.sql
create or replace view scheduler.due_soon with (security_invoker = true) as
select e.id, e.due_at, e.destination_topic, e.owner, e.lane, e.retry, e.recurs
from scheduler_private.lanes l
-- Lane by lane, as the index is: however many wait for later, they are not looked at.
cross join lateral (
  select * from scheduler_private.events x
  where x.lane = l.lane and x.due_at >= now() and x.due_at < now() + interval '1 hour'
  order by x.due_at offset 0
) e;
alter view scheduler.due_soon owner to scheduler_owner;
grant select on scheduler.due_soon to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.due_soon is E'@omit\nWhat the relays have to do within the next hour. Read by index: it costs what is due in that hour.';
comment on column scheduler.due_soon.id is 'Of an event or a series.';
comment on column scheduler.due_soon.due_at is 'Its instant, its next attempt, or the next occurrence of a series.';
comment on column scheduler.due_soon.destination_topic is 'Kafka topic.';
comment on column scheduler.due_soon.owner is 'The identity that created it.';
comment on column scheduler.due_soon.lane is 'Its lane, see scheduler.lanes.';
comment on column scheduler.due_soon.retry is 'Rejected attempts so far.';
comment on column scheduler.due_soon.recurs is 'Whether it is a series.';
--! EndIncluded views/due_soon.sql
--! Included views/late.sql
create or replace view scheduler.late with (security_invoker = true) as
select e.id, e.due_at, now() - e.due_at as lateness, e.destination_topic, e.owner, e.lane, e.retry, e.last_error, e.recurs
from scheduler_private.lanes l
-- Lane by lane, as the index is.
cross join lateral (
  select * from scheduler_private.events x
  where x.lane = l.lane and x.due_at < now() - interval '1 second'
  order by x.due_at offset 0
) e;
alter view scheduler.late owner to scheduler_owner;
grant select on scheduler.late to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.late is E'@omit\nWhat has been due for more than a second and is not confirmed: none, if all is well. Read by index: it costs what is late.';
comment on column scheduler.late.id is 'Of an event or a series.';
comment on column scheduler.late.due_at is 'When it was to be dealt with.';
comment on column scheduler.late.lateness is 'How long ago that is.';
comment on column scheduler.late.destination_topic is 'Kafka topic.';
comment on column scheduler.late.owner is 'The identity that created it.';
comment on column scheduler.late.lane is 'Its lane; scheduler.lanes says whether it has an owner, is quarantined or held by a lock.';
comment on column scheduler.late.retry is 'Rejected attempts so far.';
comment on column scheduler.late.last_error is 'Code of the last rejection.';
comment on column scheduler.late.recurs is 'Whether it is a series.';
--! EndIncluded views/late.sql
--! Included views/failed.sql
create or replace view scheduler.failed with (security_invoker = true) as
select e.id, e.updated_at as failed_at, e.last_error, a.message, e.destination_topic, e.owner, e.scheduled_instant, e.series_id as recurrence_id
from scheduler_private.events e
left join scheduler_private.attempts a on a.event_id = e.id and a.attempt = e.retry
where e.status = 'FAILED';
alter view scheduler.failed owner to scheduler_owner;
grant select on scheduler.failed to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.failed is E'@omit\nEvents and instances that were not published, and why, until retention takes them. Read by an index of its own.';
comment on column scheduler.failed.id is 'Of an event, a series or an instance.';
comment on column scheduler.failed.failed_at is 'When it became FAILED.';
comment on column scheduler.failed.last_error is 'Code of the reason.';
comment on column scheduler.failed.message is 'What the broker, or the check in front of it, said to the last attempt; null: it failed without one.';
comment on column scheduler.failed.destination_topic is 'Kafka topic.';
comment on column scheduler.failed.owner is 'The identity that created it.';
comment on column scheduler.failed.scheduled_instant is 'When it was to be published.';
comment on column scheduler.failed.recurrence_id is 'Of an instance: its series.';
--! EndIncluded views/failed.sql
--! Included views/throughput.sql
create or replace view scheduler.throughput as
select s.minute, s.published_until - s.published as published
from (
  select t.minute, t.published,
    coalesce(lead(t.published) over (order by t.minute), (select sum(l.published) from scheduler_private.lanes l)) as published_until
  from scheduler_private.throughput_samples t
) s;
alter view scheduler.throughput owner to scheduler_engine;
grant select on scheduler.throughput to scheduler_api, scheduler_operator, scheduler_reader;
comment on view scheduler.throughput is E'@omit\nMessages published, minute by minute, for a week. A minute without a tick counts towards the one before it.';
comment on column scheduler.throughput.minute is 'When the minute began.';
comment on column scheduler.throughput.published is 'Messages confirmed to be on their topics: events and occurrences of series.';
--! EndIncluded views/throughput.sql
