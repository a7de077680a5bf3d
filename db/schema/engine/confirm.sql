create or replace function scheduler_private.confirm(
  p_lane smallint,
  p_fence bigint,
  p_batch uuid,
  p_now timestamptz default null
) returns boolean
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_batch batches;
begin
  v_batch := close_batch(p_lane, p_fence, p_batch);
  if v_batch.id is null then
    return false;
  end if;
  perform lock_series(v_batch.series_ids);
  update events set status = 'PUBLISHED', due_at = null, published_at = v_now, updated_at = v_now, last_error = null
  where id = any (v_batch.event_ids);
  if v_batch.series_ids <> '{}' then
    -- What is left are occurrences that are no events of their own.
    with sent as (
      select left(m.id, 36) as series_id, max(instant_of(m.id)) as last
      from unnest(v_batch.event_ids) as m (id)
      where length(m.id) > 36 and not exists (select from events x where x.id = m.id)
      group by 1
    )
    update series s set
      pending = array(select o from unnest(s.pending) o where o.instant > sent.last order by o.instant),
      watermark = (select o from unnest(s.pending) o where o.instant = sent.last),
      published = true,
      version = s.version + 1
    from sent where s.event_id = sent.series_id;
    perform reckon_series(v_batch.series_ids, v_now);
  end if;
  update lanes l set
    published = l.published + cardinality(v_batch.event_ids),
    last_confirmed = case v_batch.delivery_mode when 'exactly_once' then p_batch else l.last_confirmed end
  where l.lane = p_lane;
  return true;
end
$$;
alter function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) from public;
grant execute on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) is 'The batch is on its topics: its events are PUBLISHED, its series are past what they sent. False when it is not the open batch any more.';
