create or replace function scheduler_private.narrow(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_keep integer,
  p_now timestamptz default null
) returns uuid
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_batch batches;
  v_new uuid;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  if v_batch.id is null then
    return null;
  end if;
  insert into batches (lane, delivery_mode, event_ids, series_ids, claimed_at)
    values (p_lane, v_batch.delivery_mode, v_batch.event_ids[:p_keep], series_named(v_batch.event_ids[:p_keep]), coalesce(p_now, clock_timestamp()))
    returning id into v_new;
  return v_new;
end
$$;
alter function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) from public;
grant execute on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) to scheduler_relay;
comment on function scheduler_private.narrow(smallint, bigint, uuid, integer, timestamptz) is 'A batch of which nothing was published was refused as a whole: its first p_keep events go on under a new id, the others are free. Null when it is not the open batch any more.';
