create or replace function scheduler.event(id text) returns scheduler.events
language plpgsql stable
set search_path = scheduler, pg_temp
-- As a function in SQL it would be planned at each call, which costs several times what it does.
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
