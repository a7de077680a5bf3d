create or replace function scheduler_private.close_batch(p_lane smallint, p_fence bigint, p_batch uuid) returns scheduler_private.batches
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_batch batches;
begin
  perform lock_lane(p_lane, p_fence);
  delete from batches b where b.lane = p_lane and b.id = p_batch returning * into v_batch;
  return v_batch;
end
$$;
alter function scheduler_private.close_batch(smallint, bigint, uuid) owner to scheduler_engine;
revoke all on function scheduler_private.close_batch(smallint, bigint, uuid) from public;
comment on function scheduler_private.close_batch(smallint, bigint, uuid) is 'Ends the lane''s open batch if it is this one and returns it; null when it is not: what became of a batch is said once and for ever.';
