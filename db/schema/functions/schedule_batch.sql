create or replace function scheduler_private.schedule_batch(p_events scheduler.event_input[])
returns table (id text, status scheduler.event_status, created boolean)
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_ids text[];
begin
  v_ids := store_events(p_events, true);
  return query
    select e.id, e.status, e.created_at = now()
    from unnest(v_ids) with ordinality as stored (id, i)
    join events e on e.id = stored.id
    order by stored.i;
end
$$;
alter function scheduler_private.schedule_batch(scheduler.event_input[]) owner to scheduler_owner;
revoke all on function scheduler_private.schedule_batch(scheduler.event_input[]) from public;
grant execute on function scheduler_private.schedule_batch(scheduler.event_input[]) to scheduler_api;
comment on function scheduler_private.schedule_batch(scheduler.event_input[]) is 'scheduler.schedule_events for callers to whom it is enough to know, of each event in the order given, where it stands and whether it is new.';
