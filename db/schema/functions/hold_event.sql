create or replace function scheduler_private.hold_event(p_id text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
begin
  -- Of an instance its series first, as whoever changes one does.
  perform from events e where e.id = left(p_id, 36) for no key update;
  if length(p_id) > 36 then
    perform from events e where e.id = p_id for no key update;
  end if;
end
$$;
alter function scheduler_private.hold_event(text) owner to scheduler_owner;
revoke all on function scheduler_private.hold_event(text) from public;
grant execute on function scheduler_private.hold_event(text) to scheduler_api;
comment on function scheduler_private.hold_event(text) is 'Locks an event, or an instance and its series, as far as the caller may change it: what is read from now on holds until the end of the transaction. For conditions like If-Match.';
