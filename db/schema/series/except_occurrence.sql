create or replace function scheduler_private.except_occurrence(
  p_series_id text,
  p_occurrence scheduler_private.occurrence,
  p_now timestamptz default null
) returns text
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id constant text := instance_id(p_series_id, (p_occurrence).instant);
begin
  insert into events (id, series_id, owner, lane, timezone, scheduled_instant, scheduled_local, scheduled_second_pass,
    ends_instant, ends_local, ends_second_pass, destination_topic, max_lateness, due_at, created_at, updated_at, content_hash)
  select v_id, e.id, e.owner, e.lane, coalesce(r.timezone, e.timezone), i.starts,
    case when not s.starts_as_instant then l.starts end,
    not s.starts_as_instant and is_second_pass(l.starts, i.starts, coalesce(r.timezone, e.timezone)),
    i.ends,
    case when e.ends_local is not null then l.ends end,
    e.ends_local is not null and is_second_pass(l.ends, i.ends, coalesce(r.timezone, e.timezone)),
    e.destination_topic, e.max_lateness, i.starts, coalesce(p_now, now()), coalesce(p_now, now()), e.content_hash
  from events e
  join series s on s.event_id = e.id
  left join revisions r on (r.series_id, r.number) = (e.id, (p_occurrence).revision)
  cross join lateral (
    select (p_occurrence).instant as starts, (p_occurrence).instant + (e.ends_instant - e.scheduled_instant) as ends
  ) i
  cross join lateral (
    select i.starts at time zone coalesce(r.timezone, e.timezone) as starts, i.ends at time zone coalesce(r.timezone, e.timezone) as ends
  ) l
  where e.id = p_series_id;
  insert into event_contents (event_id, owner, payload, key, headers)
    select v_id, c.owner, c.payload, c.key, c.headers from event_contents c where c.event_id = p_series_id;
  perform place_exception(v_id, p_occurrence);
  return v_id;
end
$$;
alter function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) from public;
grant execute on function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) to scheduler_owner;
comment on function scheduler_private.except_occurrence(text, scheduler_private.occurrence, timestamptz) is 'Makes an occurrence an exception that is still like its series: a whole snapshot, SCHEDULED. The caller holds the series'' lock. Returns its id.';
