create or replace function scheduler_private.claim(
  p_lane smallint,
  p_fence bigint,
  p_limit integer,
  p_max_bytes bigint default 8000000,
  p_now timestamptz default null
) returns table (
  batch_id uuid,
  delivery_mode text,
  event_id text,
  destination_topic text,
  key text,
  headers jsonb,
  payload bytea,
  scheduled_at text,
  ce_source text,
  due_in double precision,
  expansions boolean
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- To plan for a thousand ids anew each time costs more than the claim.
set plan_cache_mode = force_generic_plan
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_until timestamptz;
  v_lane lanes;
  v_settings settings;
  v_ce_source text;
  v_ids text[];
  v_series text[];
  v_exceptions boolean;
  v_expansions boolean;
begin
  v_lane := lock_lane(p_lane, p_fence);
  if v_lane.quarantined_at is not null then
    perform refuse('lane_quarantined', 'lane', v_lane.quarantine_reason);
  elsif exists (select from batches b where b.lane = p_lane) then
    perform refuse('batch_open', 'lane');
  end if;
  select * into strict v_settings from settings;
  v_until := v_now + v_settings.look_ahead;
  v_ce_source := coalesce(v_settings.ce_source, '/scheduler/' || (select d.name from deployment d));

  select array_agg(due.id) filter (where not due.recurs), array_agg(due.id) filter (where due.recurs), bool_or(due.series_id is not null)
    into v_ids, v_series, v_exceptions
  from (
    select e.id, e.recurs, e.series_id from events e
    where e.lane = p_lane and e.due_at <= v_until
    order by e.due_at
    limit p_limit
    for no key update skip locked
  ) due;
  if v_exceptions then
    v_ids := lock_series_of(v_ids);
  end if;
  if v_series is not null then
    v_series := judge_series(v_series, v_now, v_until);
  end if;
  v_expansions := exists (select from events e where e.lane = p_lane and e.expand_by is not null);
  if v_ids is null and v_series is null then
    return query
      select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text, (
        select extract(epoch from e.due_at - v_settings.look_ahead - v_now)::double precision
        from events e where e.lane = p_lane and e.due_at < 'infinity' order by e.due_at limit 1
      ), v_expansions;
    return;
  end if;

  -- Later statements than the one that locked: their snapshots have every change that came before the lock,
  -- of the instant, too.
  return query
    with named as materialized (
      select e.id, e.series_id, e.owner, e.destination_topic, e.scheduled_instant, e.max_lateness, e.due_at, k.i
      from unnest(v_ids) with ordinality as k (id, i)
      join events e on e.id = k.id
      union all
      select e.id, e.id, e.owner, e.destination_topic, o.instant, null, o.instant, null
      from unnest(v_series) as k (id)
      join events e on e.id = k.id
      join series s on s.event_id = k.id
      cross join unnest(s.pending) as o
      where o.instant <= v_until
    ), due as materialized (
      select row_number() over (order by n.due_at, n.i, n.id) as i,
        case when n.id = n.series_id then instance_id(n.id, n.scheduled_instant) else n.id end as message_id,
        n.series_id, n.owner, n.destination_topic, n.scheduled_instant, n.max_lateness, n.due_at,
        c.event_id is not null as has_contents, c.payload, coalesce(c.key, n.series_id) as key,
        case when n.series_id is null then c.headers else c.headers || jsonb_build_object('scheduler-series-id', n.series_id) end as headers
      -- Every row that was locked gives one message at least: what is cut off comes later than all that is taken.
      from (select * from named order by due_at, i, id limit p_limit) n
      left join event_contents c on c.event_id = n.id
    ), asked as materialized (
      select distinct d.owner, d.destination_topic from due d
    ), granted as materialized (
      select a.* from asked a where topic_is_granted(a.owner, a.destination_topic)
    ), judged as materialized (
      select d.*, case
        when d.scheduled_instant + d.max_lateness < v_now then 'missed'
        when g.owner is null then 'topic_not_granted'
        when not d.has_contents then 'no_contents'
      end as why
      from due d left join granted g on (g.owner, g.destination_topic) = (d.owner, d.destination_topic)
    ), dropped as (
      update events e set
        status = case j.why when 'missed' then 'CANCELED' else 'FAILED' end::scheduler.event_status,
        last_error = j.why, due_at = null, updated_at = v_now
      from judged j where j.why is not null and e.id = j.message_id
    ), taken as materialized (
      select * from (
        select j.*, sum(message_bytes(j.payload, j.key, j.headers)) over (order by j.i) as bytes,
          row_number() over (order by j.i) as place
        from judged j where j.why is null
      ) sized
      where bytes <= p_max_bytes or place = 1
    ), opened as (
      insert into batches (lane, delivery_mode, event_ids, series_ids, claimed_at)
      select p_lane, v_settings.delivery_mode, array_agg(t.message_id order by t.i),
        case when v_series is null and not v_exceptions then '{}' else series_named(array_agg(t.message_id)) end, v_now
      from taken t having count(*) > 0
      returning id
    )
    select o.id, v_settings.delivery_mode, t.message_id, t.destination_topic, t.key, t.headers, t.payload,
      format_moment(null, t.scheduled_instant, false), v_ce_source, extract(epoch from t.due_at - v_now)::double precision, v_expansions
    from opened o, taken t
    order by t.i;
  if not found then
    return query select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text,
      0::double precision, v_expansions;
  end if;
end
$$;
alter function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) from public;
grant execute on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) to scheduler_relay;
comment on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) is 'Opens a batch of the lane''s due events and occurrences, in their order: a row for each, due_in the seconds until its instant (negative when late). When nothing is due: one row without event, due_in the seconds until the next one may be claimed, null when there is none, zero or less when all that is due is locked by somebody. What is too late, or may not go to its topic any more, is finished here without an attempt. expansions: series of the lane are to be expanded.';
