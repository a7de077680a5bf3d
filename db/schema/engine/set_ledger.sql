create or replace function scheduler_private.set_ledger(p_lane smallint, p_fence bigint, p_ledger text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform lock_lane(p_lane, p_fence);
  update lanes l set ledger = p_ledger where l.lane = p_lane;
end
$$;
alter function scheduler_private.set_ledger(smallint, bigint, text) owner to scheduler_engine;
revoke all on function scheduler_private.set_ledger(smallint, bigint, text) from public;
grant execute on function scheduler_private.set_ledger(smallint, bigint, text) to scheduler_relay;
comment on function scheduler_private.set_ledger(smallint, bigint, text) is 'seeded: the ledger in Kafka now shows last_confirmed; reseed: it is not kept for the time being.';
