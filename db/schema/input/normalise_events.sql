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
