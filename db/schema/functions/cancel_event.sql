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
comment on function scheduler.cancel_event(text) is E'@resultFieldName event\n@notNull\nCancels an event, a series with all its instances, or one instance, that has not been published. Cancelling a cancelled one is no error; one that is being published answers in_flight, a published or failed one final.';
