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
