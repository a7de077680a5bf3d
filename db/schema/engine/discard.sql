create or replace function scheduler_private.discard(p_lane smallint, p_fence bigint, p_batch uuid) returns boolean
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_batch batches;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  return v_batch.id is not null;
end
$$;
alter function scheduler_private.discard(smallint, bigint, uuid) owner to scheduler_engine;
revoke all on function scheduler_private.discard(smallint, bigint, uuid) from public;
grant execute on function scheduler_private.discard(smallint, bigint, uuid) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.discard(smallint, bigint, uuid) is 'Nothing of the batch is on any topic, and nothing will be: its events are free and claimed afresh. False when it is not the open batch any more.';
