create or replace function scheduler_private.read_lane(p_lane smallint, p_fence bigint)
returns table (
  last_confirmed uuid,
  ledger text,
  quarantine_reason text,
  batch_id uuid,
  batch_events integer,
  batch_delivery_mode text,
  delivery_mode text
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
begin
  perform lock_lane(p_lane, p_fence);
  return query
    select l.last_confirmed, l.ledger, l.quarantine_reason, b.id, cardinality(b.event_ids), b.delivery_mode, s.delivery_mode
    from settings s, lanes l left join batches b on b.lane = l.lane
    where l.lane = p_lane;
end
$$;
alter function scheduler_private.read_lane(smallint, bigint) owner to scheduler_engine;
revoke all on function scheduler_private.read_lane(smallint, bigint) from public;
grant execute on function scheduler_private.read_lane(smallint, bigint) to scheduler_relay;
comment on function scheduler_private.read_lane(smallint, bigint) is 'The lane and its open batch as they are now, or fence_lost. What a relay believes of its lane comes from here, never from memory.';
