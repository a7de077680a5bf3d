create or replace function scheduler_private.set_ledger_seeded(p_lane smallint, p_fence bigint) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform lock_lane(p_lane, p_fence);
  update lanes l set ledger = 'seeded' where l.lane = p_lane;
end
$$;
alter function scheduler_private.set_ledger_seeded(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.set_ledger_seeded(smallint, bigint) from public;
grant execute on function scheduler_private.set_ledger_seeded(smallint, bigint) to scheduler_relay;
comment on function scheduler_private.set_ledger_seeded(smallint, bigint) is 'The ledger in Kafka now shows last_confirmed.';
