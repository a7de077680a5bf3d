create or replace function scheduler_private.normalise_event(
  p_event scheduler.event_input,
  p_path text,
  p_max_message_bytes integer
) returns scheduler_private.normal_event
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text := lower(nullif(p_event.id, ''));
  v_timezone constant text := coalesce(nullif(p_event.timezone, ''), 'UTC');
  v_recurrence constant text := nullif(p_event.recurrence, '');
  v_recurs constant boolean := v_recurrence is not null;
  v_gap constant text := coalesce(nullif(p_event.gap, ''), 'shift');
  v_overlap constant text := coalesce(nullif(p_event.overlap, ''), case when not v_recurs then 'first' end);
  v_missed constant text := nullif(p_event.missed, '');
  v_scheduled moment;
  v_starts_as_instant boolean;
  v_ends moment;
  v_max_lateness interval;
  v_topic constant text := p_event.destination_topic;
  v_key constant text := nullif(p_event.key, '');
  v_headers constant jsonb := coalesce(p_event.headers, '{}');
  v_bytes integer;
begin
  if v_id is null then
    v_id := new_event_id();
  elsif v_id not like '________-____-____-____-____________' or v_id ~ '[^0-9a-f-]' or length(replace(v_id, '-', '')) <> 32 then
    perform refuse('invalid_id', p_path || 'id', format('%L is not a UUID.', left(p_event.id, 60)));
  end if;

  -- Two conditions: one that has a query in it is run as a query.
  if v_timezone <> 'UTC' then
    if not exists (select from timezones where name = v_timezone) then
      perform refuse('invalid_timezone', p_path || 'timezone', format('%L is not known.', left(v_timezone, 60)));
    end if;
  end if;

  if v_recurs then
    perform check_recurrence(v_recurrence, p_path || 'recurrence');
  end if;
  if v_recurs or coalesce(p_event.gap, p_event.overlap, v_missed) is not null then
    perform check_policies(v_recurs, v_gap, v_overlap, v_missed, p_path);
  end if;

  if nullif(p_event.scheduled_at, '') is null then
    perform refuse('invalid_date_time', p_path || 'scheduledAt', 'It is missing.');
  end if;
  v_scheduled := parse_moment(p_event.scheduled_at, v_timezone, v_overlap, p_path || 'scheduledAt');
  if v_recurs then
    if v_scheduled.instant <> date_trunc('second', v_scheduled.instant) then
      perform refuse('invalid_date_time', p_path || 'scheduledAt', 'Recurring events have whole seconds.');
    end if;
    v_starts_as_instant := v_scheduled.local is null;
    v_scheduled := wall_moment(v_scheduled, v_timezone);
  end if;
  if nullif(p_event.ends_at, '') is not null then
    v_ends := parse_moment(p_event.ends_at, v_timezone, v_overlap, p_path || 'endsAt');
    if v_ends.instant < v_scheduled.instant then
      perform refuse('invalid_ends_at', p_path || 'endsAt');
    end if;
  end if;
  if nullif(p_event.max_lateness, '') is not null then
    v_max_lateness := parse_duration(p_event.max_lateness, p_path || 'maxLateness');
  end if;

  if topic_is_legal(v_topic) is not true then
    perform refuse('invalid_topic', p_path || 'destinationTopic',
      coalesce(format('%L is not a topic to schedule to.', left(v_topic, 60)), 'It is missing.'));
  end if;

  if p_event.payload is null then
    perform refuse('invalid_payload', p_path || 'payload', 'It is missing.');
  end if;
  if v_headers <> '{}' then
    perform check_headers(v_headers, p_path);
  end if;
  v_bytes := message_bytes(p_event.payload, v_key, v_headers);
  if v_bytes > p_max_message_bytes then
    perform refuse('message_too_large', p_path || 'payload', format('%s bytes, at most %s.', v_bytes, p_max_message_bytes));
  end if;

  return row(v_id, v_timezone, v_scheduled, v_ends, v_topic, v_gap, v_overlap, v_max_lateness, p_event.payload, v_key, v_headers,
    sha256(convert_to((jsonb_build_array(
      format_moment(case when v_starts_as_instant then null else v_scheduled.local end, v_scheduled.instant, v_scheduled.second_pass),
      format_moment(v_ends.local, v_ends.instant, v_ends.second_pass),
      v_timezone, v_topic, v_gap, v_overlap, format_duration(v_max_lateness), v_key, v_headers)
      || case when v_recurs then jsonb_build_array(v_recurrence, v_missed) else '[]' end)::text, 'UTF8')
      || p_event.payload),
    v_recurrence, v_missed, v_starts_as_instant)::normal_event;
end
$$;
alter function scheduler_private.normalise_event(scheduler.event_input, text, integer) owner to scheduler_owner;
revoke all on function scheduler_private.normalise_event(scheduler.event_input, text, integer) from public;
comment on function scheduler_private.normalise_event(scheduler.event_input, text, integer) is 'Checks every field and gives the absent ones their defaults; an error names the field, after p_path.';
