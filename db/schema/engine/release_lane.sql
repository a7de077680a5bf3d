create or replace function scheduler_private.release_lane(p_lane smallint, p_fence bigint) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  update lanes l set relay_id = null, lease_until = null where l.lane = p_lane and l.fence = p_fence;
end
$$;
alter function scheduler_private.release_lane(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.release_lane(smallint, bigint) from public;
grant execute on function scheduler_private.release_lane(smallint, bigint) to scheduler_relay;
comment on function scheduler_private.release_lane(smallint, bigint) is 'Gives a lane up; nothing happens when it has been taken over already.';
