create or replace function scheduler_private.acquire_lane(
  p_relay uuid,
  p_lease interval,
  p_now timestamptz default null
) returns table (lane smallint, fence bigint)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, now());
begin
  if (select count(*) from lanes l where l.relay_id = p_relay)
    >= ceil((select count(*) from lanes) / greatest((select count(*) from relays r where r.alive_until > v_now), 1)::numeric)
  then
    return;
  end if;
  return query
    update lanes l set relay_id = p_relay, lease_until = v_now + p_lease, fence = l.fence + 1
    from (
      select k.lane from lanes k
      where k.relay_id is null or k.lease_until < v_now
      order by k.lease_until nulls first, k.lane
      limit 1
      for no key update skip locked
    ) free
    where l.lane = free.lane
    returning l.lane, l.fence;
end
$$;
alter function scheduler_private.acquire_lane(uuid, interval, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.acquire_lane(uuid, interval, timestamptz) from public;
grant execute on function scheduler_private.acquire_lane(uuid, interval, timestamptz) to scheduler_relay;
comment on function scheduler_private.acquire_lane(uuid, interval, timestamptz) is 'Takes one lane that is free or whose lease has expired, with a new fence; none when the relay has its fair share.';
