create or replace function scheduler_private.lock_lane(p_lane smallint, p_fence bigint) returns scheduler_private.lanes
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_lane lanes;
begin
  select * into v_lane from lanes l where l.lane = p_lane for no key update;
  if v_lane.fence is distinct from p_fence then
    perform refuse('fence_lost', 'fence', format('Lane %s is at fence %s, not %s.', p_lane, v_lane.fence, p_fence));
  end if;
  return v_lane;
end
$$;
alter function scheduler_private.lock_lane(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.lock_lane(smallint, bigint) from public;
comment on function scheduler_private.lock_lane(smallint, bigint) is 'The lane, locked, or fence_lost: the first step of everything that a relay does with one.';
