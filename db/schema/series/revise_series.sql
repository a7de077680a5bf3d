create or replace function scheduler_private.revise_series(p_event scheduler_private.normal_event) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_event events;
  v_series series;
  v_closed_at timestamptz;
begin
  perform lock_series(array[p_event.id]);
  select * into strict v_event from events e where e.id = p_event.id;
  select * into strict v_series from series s where s.event_id = p_event.id;
  if v_event.status <> 'SCHEDULED' then
    return;
  end if;
  update series s set missed = p_event.missed, starts_as_instant = p_event.starts_as_instant, version = s.version + 1
  where s.event_id = p_event.id;
  if (v_event.scheduled_local, v_event.scheduled_second_pass, v_event.timezone, v_event.gap, v_event.overlap, v_series.recurrence)
    is not distinct from ((p_event.scheduled).local, (p_event.scheduled).second_pass, p_event.timezone, p_event.gap, p_event.overlap, p_event.recurrence)
  then
    return;
  end if;

  -- Not now(), which is when the transaction began: what was published while it waited follows the old rule.
  v_closed_at := greatest(clock_timestamp(), (v_series.watermark).instant);
  insert into revisions (series_id, number, closed_at, scheduled_local, timezone, recurrence, gap, overlap)
    values (p_event.id, v_series.revision, v_closed_at, v_event.scheduled_local, v_event.timezone, v_series.recurrence, v_event.gap, v_event.overlap);
  update series s set
    recurrence = p_event.recurrence,
    revision = s.revision + 1,
    pending = array(select o from unnest(s.pending) o where o.instant <= v_closed_at order by o.instant),
    exhausted = false
  where s.event_id = p_event.id;
  update events e set due_at = coalesce((s.pending[1]).instant, 'infinity'), expand_by = clock_timestamp()
  from series s where s.event_id = p_event.id and e.id = p_event.id;

  update exceptions x set
    settled = false,
    original_wall = x.original_instant at time zone p_event.timezone,
    original_second_pass = is_second_pass(x.original_instant at time zone p_event.timezone, x.original_instant, p_event.timezone)
  where x.series_id = p_event.id and x.original_instant > v_closed_at;
  update events e set due_at = 'infinity'
  where e.status = 'SCHEDULED' and e.id in (select x.event_id from exceptions x where x.series_id = p_event.id and not x.settled);
end
$$;
alter function scheduler_private.revise_series(scheduler_private.normal_event) owner to scheduler_owner;
revoke all on function scheduler_private.revise_series(scheduler_private.normal_event) from public;
comment on function scheduler_private.revise_series(scheduler_private.normal_event) is 'The part of a change of a series that is not in events. A new rule closes a revision: occurrences up to now follow the old one, and exceptions of later ones are held until the relay has said whether their original starts are still occurrences.';
