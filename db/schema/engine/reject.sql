create or replace function scheduler_private.reject(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_event_ids text[],
  p_codes text[],
  p_messages text[],
  p_now timestamptz default null
) returns uuid
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_batch batches;
  v_rest text[];
  v_new uuid;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  if v_batch.id is null then
    return null;
  end if;
  perform lock_series(v_batch.series_ids);
  -- An occurrence that is refused becomes an exception, which has attempts of its own; its series goes on.
  perform except_occurrence(s.event_id, o, v_now)
    from unnest(p_event_ids) as r (id)
    join series s on s.event_id = left(r.id, 36)
    cross join unnest(s.pending) o
    where length(r.id) > 36 and r.id = any (v_batch.event_ids)
      and o.instant = instant_of(r.id) and not exists (select from events x where x.id = r.id);
  with rejected as (
    update events e set
      retry = e.retry + 1,
      last_error = r.code,
      updated_at = v_now,
      status = case when e.retry >= 2 then 'FAILED' else 'SCHEDULED' end::scheduler.event_status,
      due_at = case when e.retry < 2 then v_now + s.retry_delays[least(e.retry + 1, cardinality(s.retry_delays))] end
    from settings s, unnest(p_event_ids, p_codes) as r (id, code)
    where e.id = r.id and e.id = any (v_batch.event_ids)
    returning e.id, e.retry
  )
  insert into attempts (event_id, attempt, attempted_at, code, message)
  select rejected.id, rejected.retry, v_now, r.code, left(r.message, 1000)
  from rejected join unnest(p_event_ids, p_codes, p_messages) as r (id, code, message) using (id);

  select array_agg(id order by i) into v_rest
  from unnest(v_batch.event_ids) with ordinality as old (id, i)
  where id <> all (p_event_ids);
  if v_rest is not null then
    insert into batches (lane, delivery_mode, event_ids, series_ids, claimed_at)
      values (p_lane, v_batch.delivery_mode, v_rest, series_named(v_rest), v_now)
      returning id into v_new;
  end if;
  return v_new;
end
$$;
alter function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) from public;
grant execute on function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) to scheduler_relay;
comment on function scheduler_private.reject(smallint, bigint, uuid, text[], text[], text[], timestamptz) is 'These events of a batch of which nothing was published were refused, each by itself: an attempt is counted. Returns the id under which the rest of the batch goes on; null when nothing is left, or it is not the open batch any more.';
