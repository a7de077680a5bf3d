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
