create or replace function scheduler_private.read_events(p_events scheduler.event_input[], p_in_batch boolean, p_most_bytes integer)
returns setof scheduler_private.normal_event
-- Not volatile, though it makes ids: only so Postgres inlines it, and the functions in SQL that it calls, into the plan of who asks.
-- To call a function for each event would cost as much as to store it; those in plpgsql are for what is rare. `offset 0`: what
-- stands inside is worked out once.
language sql stable
begin atomic
  select e.id, e.timezone, e.scheduled, e.ends, e.destination_topic, e.gap, e.overlap, e.max_lateness, e.payload, e.key, e.headers,
    scheduler_private.content_hash(e.scheduled, e.starts_as_instant, e.ends, e.timezone, e.destination_topic, e.gap, e.overlap,
      e.max_lateness, e.payload, e.key, e.headers, e.recurrence, e.missed),
    e.recurrence, e.missed, e.starts_as_instant
  from (
    select m.id, m.timezone, m.recurrence, m.gap, m.overlap, m.missed,
      case when m.recurs then scheduler_private.read_start(m.given, m.timezone, m.index) else m.given end as scheduled,
      case when m.recurs then (m.given).local is null end as starts_as_instant,
      case when m.ends_at is not null then scheduler_private.read_end(m.ends_at, m.given, m.timezone, m.overlap, m.index) end as ends,
      case when m.max_lateness is not null then scheduler_private.parse_duration(m.max_lateness, scheduler_private.input_path(m.index, 'maxLateness')) end as max_lateness,
      scheduler_private.read_topic(m.destination_topic, m.index) as destination_topic,
      m.key,
      case when m.headers = '{}' then m.headers else scheduler_private.read_headers(m.headers, m.index) end as headers,
      scheduler_private.read_payload(m.payload, m.key, m.headers, p_most_bytes, m.index) as payload
    from (
      select r.*,
        case when scheduler_private.is_utc_date_time(r.scheduled_at) then row(null, r.scheduled_at::timestamptz, false)::scheduler_private.moment
          else scheduler_private.parse_moment(r.scheduled_at, r.timezone, r.overlap, scheduler_private.input_path(r.index, 'scheduledAt')) end as given
      from (
        select i.index, i.recurs,
          scheduler_private.read_event_id(i.id, i.index) as id,
          case when i.timezone = 'UTC' then i.timezone else scheduler_private.read_timezone(i.timezone, i.index) end as timezone,
          case when i.recurs then scheduler_private.read_recurrence(i.recurrence, i.index) end as recurrence,
          scheduler_private.read_policy('gap', i.gap, i.recurs, '{shift}', '{shift,skip}', i.index) as gap,
          scheduler_private.read_policy('overlap', i.overlap, i.recurs, '{first,last}', '{first,last,both}', i.index) as overlap,
          scheduler_private.read_policy('missed', i.missed, i.recurs, '{}', '{all,latest,skip}', i.index) as missed,
          i.scheduled_at, i.ends_at, i.max_lateness, i.destination_topic, i.key, i.headers, i.payload
        from (
          select case when p_in_batch then e.place - 1 end as index, nullif(e.id, '') as id, coalesce(nullif(e.timezone, ''), 'UTC') as timezone,
            nullif(e.recurrence, '') as recurrence, coalesce(e.recurrence <> '', false) as recurs,
            coalesce(nullif(e.gap, ''), 'shift') as gap,
            coalesce(nullif(e.overlap, ''), case when coalesce(e.recurrence, '') = '' then 'first' end) as overlap,
            nullif(e.missed, '') as missed, e.scheduled_at, nullif(e.ends_at, '') as ends_at, nullif(e.max_lateness, '') as max_lateness,
            e.destination_topic, nullif(e.key, '') as key, coalesce(e.headers, '{}') as headers, e.payload
          from unnest(p_events) with ordinality as e (id, scheduled_at, timezone, payload, destination_topic, ends_at, recurrence,
            gap, overlap, missed, max_lateness, key, headers, place)
        ) i
        offset 0
      ) r
      offset 0
    ) m
    offset 0
  ) e;
end;
alter function scheduler_private.read_events(scheduler.event_input[], boolean, integer) owner to scheduler_owner;
revoke all on function scheduler_private.read_events(scheduler.event_input[], boolean, integer) from public;
comment on function scheduler_private.read_events(scheduler.event_input[], boolean, integer) is 'Checks every field of events and gives the absent ones their defaults; an error names the field, in a batch after the index.';
