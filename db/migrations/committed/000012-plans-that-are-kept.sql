--! Previous: sha1:257143b8a71ed8626f31dc58bdd31d597801cc4c
--! Hash: sha1:7b0f7c4f6a462de27b320b837f62e68fb7ab4623
--! Message: plans that are kept

--! Included functions/event.sql
create or replace function scheduler.event(id text) returns scheduler.events
language plpgsql stable
set search_path = scheduler, pg_temp
-- As a function in SQL it would be planned at each call, which costs ten times what it does.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_event events;
begin
  select e.* into v_event from events e where e.id = lower(left(event.id, 36)) || upper(substr(event.id, 37));
  if not found then
    return null;
  end if;
  return v_event;
end
$$;
alter function scheduler.event(text) owner to scheduler_owner;
revoke all on function scheduler.event(text) from public;
grant execute on function scheduler.event(text) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.event(text) is 'The event with this id, a series or an exception, too; null when there is none that the caller may see.';
--! EndIncluded functions/event.sql
--! Included functions/topic_is_granted.sql
create or replace function scheduler_private.topic_is_granted(p_identity text, p_topic text) returns boolean
language plpgsql stable security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  return exists (
    select from topic_grants g
    where g.identity = p_identity and (g.topic = p_topic or g.prefix and starts_with(p_topic, g.topic))
  );
end
$$;
alter function scheduler_private.topic_is_granted(text, text) owner to scheduler_engine;
revoke all on function scheduler_private.topic_is_granted(text, text) from public;
grant execute on function scheduler_private.topic_is_granted(text, text) to scheduler_owner;
comment on function scheduler_private.topic_is_granted(text, text) is 'Whether the events of the identity may go to the topic. Runs as the engine: an operator moves another''s event under that owner''s grants.';
--! EndIncluded functions/topic_is_granted.sql
--! Included functions/store_events.sql
create or replace function scheduler_private.store_events(p_events scheduler.event_input[], p_in_batch boolean) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- To plan anew for each event costs more than to store it.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
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
--! Included functions/schedule_events.sql
create or replace function scheduler.schedule_events(events scheduler.event_input[]) returns setof scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
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
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_stored integer := 0;
  v_expanded text[] := array[]::text[];
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
        v_expanded := v_expanded || (v_one ->> 'id');
      end if;
      v_stored := v_stored + 1;
    end if;
  end loop;
  perform reckon_series(v_expanded, p_now);
  -- However few they are where others have exceptions: to ask again would give the same.
  update events e set expand_by = null from series s
  where e.id = any (v_expanded) and s.event_id = e.id and s.pending <> '{}' and e.expand_by is not null;
  return v_stored;
end
$$;
alter function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) from public;
grant execute on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) is 'What the relay has worked out of series_to_expand: [{id, version, pending: [{instant, wall, secondPass, revision}], exhausted, passed, judgedUntil, settled, dropped, error}]. Series that have changed since, or of which something is being published, stay marked. Returns how many were stored. p_tz_version: of the relay''s time zone database.';
--! EndIncluded engine/store_occurrences.sql
