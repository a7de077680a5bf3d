create or replace function scheduler_private.refuse_unless_scheduled(p_id text) returns void
language plpgsql volatile
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_status scheduler.event_status;
begin
  select status into v_status from events where id = p_id;
  if not found then
    perform refuse('not_found', 'id', left(p_id, 60));
  elsif v_status <> 'SCHEDULED' then
    perform refuse('final', 'status', v_status::text);
  end if;
end
$$;
alter function scheduler_private.refuse_unless_scheduled(text) owner to scheduler_owner;
revoke all on function scheduler_private.refuse_unless_scheduled(text) from public;
comment on function scheduler_private.refuse_unless_scheduled(text) is 'Raises not_found or final: why an UPDATE of a SCHEDULED event found none.';
