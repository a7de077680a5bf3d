--! Previous: sha1:3fe5c8ed5e0bb28c3317155ca1ab6f17860c4589
--! Hash: sha1:ffb6551b1bc4e4f0d069594c54cdbd98aa5219f6
--! Message: series by index

--! Included series/reckon_series.sql
create or replace function scheduler_private.reckon_series(p_ids text[], p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_finished text[];
begin
  update events e set
    due_at = coalesce((s.pending[1]).instant, 'infinity'),
    expand_by = case when not s.exhausted and cardinality(s.pending) <= 1
      then least(e.expand_by, coalesce((s.pending[1]).instant, v_now)) end
  from series s
  where e.id = any (p_ids) and s.event_id = e.id and e.status = 'SCHEDULED';

  -- Scalar subqueries here and below, by index; as EXISTS they may be planned as scans of all events.
  select array_agg(e.id) into v_finished
  from events e join series s on s.event_id = e.id
  where e.id = any (p_ids) and s.exhausted and s.pending = '{}' and e.status = 'SCHEDULED'
    and (select x.id from events x where x.series_id = s.event_id and x.status = 'SCHEDULED' limit 1) is null;
  if v_finished is null then
    return;
  end if;
  update events e set
    status = f.status,
    published_at = case f.status when 'PUBLISHED' then v_now end,
    last_error = case when f.status <> 'PUBLISHED' then coalesce(
      (select x.last_error from events x where x.series_id = e.id and x.status = 'FAILED' order by x.updated_at desc limit 1),
      (select p.reason from passed_ranges p where p.series_id = e.id order by p.reason = 'missed', p.until_instant desc limit 1)) end,
    due_at = null, expand_by = null, updated_at = v_now
  from series s cross join lateral (
    select case
      when s.published or (select x.id from events x where x.series_id = s.event_id and x.status = 'PUBLISHED' limit 1) is not null then 'PUBLISHED'
      when s.failed or (select x.id from events x where x.series_id = s.event_id and x.status = 'FAILED' limit 1) is not null then 'FAILED'
      else 'CANCELED'
    end::scheduler.event_status as status
  ) f
  where e.id = any (v_finished) and s.event_id = e.id;
end
$$;
alter function scheduler_private.reckon_series(text[], timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.reckon_series(text[], timestamptz) from public;
grant execute on function scheduler_private.reckon_series(text[], timestamptz) to scheduler_owner;
comment on function scheduler_private.reckon_series(text[], timestamptz) is 'After a change of what series have before them, whose locks the caller holds: when they are due next, whether they need expansion, whether they are finished: PUBLISHED if anything was, else FAILED if anything has, else CANCELED.';
--! EndIncluded series/reckon_series.sql
--! Included series/judge_series.sql
create or replace function scheduler_private.judge_series(p_ids text[], p_now timestamptz, p_until timestamptz) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_left text[];
  v_passed record;
begin
  -- Which of all that is overdue is kept takes expansion to know: that is the relay's.
  update events e set due_at = 'infinity', expand_by = p_now
  from series s
  where e.id = any (p_ids) and s.event_id = e.id and s.missed in ('latest', 'skip')
    and exists (
      select from unnest(s.pending) o
      where o.instant < p_now - grace() and o.instant > coalesce(s.judged_until, '-infinity')
    );

  for v_passed in
    select distinct on (e.id, j.why) e.id, o as occurrence, j.why
    from (
      select d.id, d.max_lateness, case
        when not topic_is_granted(d.owner, d.destination_topic) then 'topic_not_granted'
        when not exists (select from event_contents c where c.event_id = d.id) then 'no_contents'
      end as why
      from events d where d.id = any (p_ids) and d.due_at <= p_until
      -- Asked once for each series, not for each occurrence.
      offset 0
    ) e
    join series s on s.event_id = e.id
    cross join unnest(s.pending) o
    cross join lateral (select case when o.instant + e.max_lateness < p_now then 'missed' else e.why end as why) j
    where (e.why is not null or e.max_lateness is not null) and o.instant <= p_until and j.why is not null
    order by e.id, j.why, o.instant desc
  loop
    perform pass_over(v_passed.id, v_passed.occurrence, v_passed.why);
  end loop;
  if found then
    perform reckon_series(p_ids, p_now);
  end if;

  select array_agg(e.id) into v_left from events e where e.id = any (p_ids) and e.due_at <= p_until;
  return v_left;
end
$$;
alter function scheduler_private.judge_series(text[], timestamptz, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.judge_series(text[], timestamptz, timestamptz) from public;
comment on function scheduler_private.judge_series(text[], timestamptz, timestamptz) is 'Of series that are due and locked, those of which occurrences may be published now; null: none. Occurrences that are too late (maxLateness), or may not go to their topic, are passed over; series with missed = latest or skip of which something is overdue by more than the grace are marked for expansion first.';
--! EndIncluded series/judge_series.sql
--! Included engine/store_occurrences.sql
create or replace function scheduler_private.store_occurrences(
  p_lane smallint,
  p_fence bigint,
  p_expanded jsonb,
  p_tz_version text,
  p_now timestamptz default null
) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_stored integer := 0;
  v_one jsonb;
begin
  perform lock_lane(p_lane, p_fence);
  -- In one order, as everybody locks them.
  for v_one in select value from jsonb_array_elements(p_expanded) order by value ->> 'id' loop
    perform lock_series(array[v_one ->> 'id']);
    if exists (select from events e join series s on s.event_id = e.id
        where e.id = v_one ->> 'id' and e.status = 'SCHEDULED' and s.version = (v_one ->> 'version')::bigint)
      and not exists (select from batches b where v_one ->> 'id' = any (b.series_ids))
    then
      if v_one ->> 'error' is not null then
        update events e set status = 'FAILED', last_error = v_one #>> '{error,code}', due_at = null, expand_by = null,
          updated_at = coalesce(p_now, now())
        where e.status = 'SCHEDULED' and (e.id = v_one ->> 'id' or e.series_id = v_one ->> 'id');
      else
        if v_one -> 'settled' <> '[]' or v_one -> 'dropped' <> '[]' then
          perform settle_exceptions(v_one ->> 'id', v_one -> 'settled', v_one -> 'dropped', p_now);
        end if;
        if v_one ->> 'passed' is not null then
          perform pass_over(v_one ->> 'id', read_occurrence(v_one -> 'passed'), 'missed');
        end if;
        perform store_pending(v_one, p_tz_version);
        perform reckon_series(array[v_one ->> 'id'], p_now);
        -- However few they are where others have exceptions: to ask again would give the same.
        update events e set expand_by = null from series s
        where e.id = v_one ->> 'id' and s.event_id = e.id and s.pending <> '{}' and e.expand_by is not null;
      end if;
      v_stored := v_stored + 1;
    end if;
  end loop;
  return v_stored;
end
$$;
alter function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) from public;
grant execute on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) is 'What the relay has worked out of series_to_expand: [{id, version, pending: [{instant, wall, secondPass, revision}], exhausted, passed, judgedUntil, settled, dropped, error}]. Series that have changed since, or of which something is being published, stay marked. Returns how many were stored. p_tz_version: of the relay''s time zone database.';
--! EndIncluded engine/store_occurrences.sql
--! Included engine/confirm.sql
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
  if v_batch.delivery_mode = 'exactly_once' then
    update lanes l set last_confirmed = p_batch where l.lane = p_lane;
  end if;
  return true;
end
$$;
alter function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) from public;
grant execute on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) to scheduler_relay, scheduler_owner;
comment on function scheduler_private.confirm(smallint, bigint, uuid, timestamptz) is 'The batch is on its topics: its events are PUBLISHED, its series are past what they sent. False when it is not the open batch any more.';
--! EndIncluded engine/confirm.sql
--! Included engine/claim.sql
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
--! EndIncluded engine/claim.sql
