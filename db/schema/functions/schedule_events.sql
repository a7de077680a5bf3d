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
