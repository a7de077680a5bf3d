create or replace function scheduler.schedule_event(
  scheduled_at text,
  payload bytea,
  destination_topic text,
  timezone text default null,
  id text default null,
  ends_at text default null,
  recurrence text default null,
  gap text default null,
  overlap text default null,
  missed text default null,
  max_lateness text default null,
  key text default null,
  headers jsonb default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
declare
  v_ids text[];
begin
  v_ids := store_events(array[row(
    schedule_event.id, schedule_event.scheduled_at, schedule_event.timezone, schedule_event.payload,
    schedule_event.destination_topic, schedule_event.ends_at, schedule_event.recurrence,
    schedule_event.gap, schedule_event.overlap, schedule_event.missed, schedule_event.max_lateness,
    schedule_event.key, schedule_event.headers
  )::event_input], false);
  return event(v_ids[1]);
end
$$;
alter function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) owner to scheduler_owner;
revoke all on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) from public;
grant execute on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.schedule_event(text, bytea, text, text, text, text, text, text, text, text, text, text, jsonb) is E'@resultFieldName event\n@notNull\nSchedules one event; the parameters are the fields of event_input. Repeating a creation is safe: a known id with the same content answers with the event as it is.';
