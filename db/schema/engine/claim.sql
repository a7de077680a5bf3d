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
  due_in double precision
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- To plan for a thousand ids anew each time costs more than the claim.
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_lane lanes;
  v_settings settings;
  v_ce_source text;
  v_ids text[];
begin
  v_lane := lock_lane(p_lane, p_fence);
  if v_lane.quarantined_at is not null then
    perform refuse('lane_quarantined', 'lane', v_lane.quarantine_reason);
  elsif exists (select from batches b where b.lane = p_lane) then
    perform refuse('batch_open', 'lane');
  end if;
  select * into strict v_settings from settings;
  v_ce_source := coalesce(v_settings.ce_source, '/scheduler/' || (select d.name from deployment d));

  select array_agg(due.id) into v_ids from (
    select e.id from events e
    where e.lane = p_lane and e.due_at <= v_now + v_settings.look_ahead
    order by e.due_at
    limit p_limit
    for no key update skip locked
  ) due;
  if v_ids is null then
    return query
      select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text, (
        select extract(epoch from e.due_at - v_settings.look_ahead - v_now)::double precision
        from events e where e.lane = p_lane and e.due_at is not null order by e.due_at limit 1
      );
    return;
  end if;

  -- A later statement than the one that locked: its snapshot has every change that came before the lock,
  -- of the instant, too.
  return query
    with due as materialized (
      select row_number() over (order by e.due_at, k.i) as i, e.id, e.owner, e.destination_topic, e.scheduled_instant, e.max_lateness, e.due_at,
        c.event_id is not null as has_contents, c.payload, c.key, c.headers
      from unnest(v_ids) with ordinality as k (id, i)
      join events e on e.id = k.id
      left join event_contents c on c.event_id = k.id
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
      from judged j where j.why is not null and e.id = j.id
    ), taken as materialized (
      select * from (
        select j.*, sum(message_bytes(j.payload, j.key, j.headers)) over (order by j.i) as bytes,
          row_number() over (order by j.i) as place
        from judged j where j.why is null
      ) sized
      where bytes <= p_max_bytes or place = 1
    ), opened as (
      insert into batches (lane, delivery_mode, event_ids, claimed_at)
      select p_lane, v_settings.delivery_mode, array_agg(t.id order by t.i), v_now from taken t having count(*) > 0
      returning id
    )
    select o.id, v_settings.delivery_mode, t.id, t.destination_topic, t.key, t.headers, t.payload,
      format_moment(null, t.scheduled_instant, false), v_ce_source, extract(epoch from t.due_at - v_now)::double precision
    from opened o, taken t
    order by t.i;
  if not found then
    return query select null::uuid, null::text, null::text, null::text, null::text, null::jsonb, null::bytea, null::text, null::text, 0::double precision;
  end if;
end
$$;
alter function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) from public;
grant execute on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) to scheduler_relay;
comment on function scheduler_private.claim(smallint, bigint, integer, bigint, timestamptz) is 'Opens a batch of the lane''s due events, in their order: a row for each, due_in the seconds until its instant (negative when late). When nothing is due: one row without event, due_in the seconds until the next one may be claimed, null when there is none, zero or less when all that is due is locked by somebody. What is too late, or may not go to its topic any more, is finished here without an attempt.';
