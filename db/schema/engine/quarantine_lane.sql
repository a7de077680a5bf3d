create or replace function scheduler_private.quarantine_lane(p_lane smallint, p_fence bigint, p_reason text, p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  perform lock_lane(p_lane, p_fence);
  update lanes l set quarantined_at = coalesce(p_now, now()), quarantine_reason = p_reason where l.lane = p_lane;
end
$$;
alter function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) from public;
grant execute on function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.quarantine_lane(smallint, bigint, text, timestamptz) is 'The ledger says neither that the open batch is published nor that it is not: the lane stands still until an operator decides.';
