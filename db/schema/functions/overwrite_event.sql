create or replace function scheduler_private.overwrite_event(
  p_id text,
  p_event scheduler_private.normal_event,
  p_status text
) returns scheduler.events
language plpgsql volatile
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  update events e set
    lane = lane_of(coalesce(p_event.key, e.series_id, e.id), (select count(*) from lanes)),
    timezone = p_event.timezone,
    scheduled_local = (p_event.scheduled).local,
    scheduled_instant = (p_event.scheduled).instant,
    scheduled_second_pass = (p_event.scheduled).second_pass,
    ends_local = (p_event.ends).local,
    ends_instant = (p_event.ends).instant,
    ends_second_pass = coalesce((p_event.ends).second_pass, false),
    destination_topic = p_event.destination_topic,
    gap = p_event.gap,
    overlap = p_event.overlap,
    max_lateness = p_event.max_lateness,
    -- A series is due at its occurrences, an exception that is not settled not before it is.
    due_at = case when e.recurs or e.due_at = 'infinity' then e.due_at else (p_event.scheduled).instant end,
    updated_at = now()
  where e.id = p_id and e.status = 'SCHEDULED' and e.status::text = coalesce(nullif(p_status, ''), 'SCHEDULED');
  if not found then
    perform refuse_unless_scheduled(p_id);
    perform refuse('status_mismatch', 'status', format('It is SCHEDULED, not %s.', left(p_status, 60)));
  end if;
  update event_contents c set payload = p_event.payload, key = p_event.key, headers = p_event.headers
  where c.event_id = p_id and (c.payload, c.key, c.headers) is distinct from (p_event.payload, p_event.key, p_event.headers);
  return event(p_id);
end
$$;
alter function scheduler_private.overwrite_event(text, scheduler_private.normal_event, text) owner to scheduler_owner;
revoke all on function scheduler_private.overwrite_event(text, scheduler_private.normal_event, text) from public;
comment on function scheduler_private.overwrite_event(text, scheduler_private.normal_event, text) is 'Gives an event, a series or an exception that is SCHEDULED other fields, all of them; status_mismatch unless p_status, if given, is that.';
