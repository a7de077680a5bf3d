create or replace function scheduler_private.retire_relay(p_relay uuid) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  delete from relays where id = p_relay;
  update lanes set relay_id = null, lease_until = null where relay_id = p_relay;
end
$$;
alter function scheduler_private.retire_relay(uuid) owner to scheduler_engine;
revoke all on function scheduler_private.retire_relay(uuid) from public;
grant execute on function scheduler_private.retire_relay(uuid) to scheduler_relay;
comment on function scheduler_private.retire_relay(uuid) is 'A relay leaves in good order: its lanes are free at once.';
