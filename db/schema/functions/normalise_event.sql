create or replace function scheduler_private.normalise_event(
  p_event scheduler.event_input,
  p_path text,
  p_max_message_bytes integer
) returns scheduler_private.normal_event
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v normal_event;
  v_bytes integer;
begin
  v.id := coalesce(lower(nullif(p_event.id, '')), new_event_id());
  if v.id not like '________-____-____-____-____________' or v.id ~ '[^0-9a-f-]' or length(replace(v.id, '-', '')) <> 32 then
    perform refuse('invalid_id', p_path || 'id', format('%L is not a UUID.', left(p_event.id, 60)));
  end if;

  v.timezone := coalesce(nullif(p_event.timezone, ''), 'UTC');
  if v.timezone <> 'UTC' and not exists (select from timezones where name = v.timezone) then
    perform refuse('invalid_timezone', p_path || 'timezone', format('%L is not known.', left(v.timezone, 60)));
  end if;

  if nullif(p_event.recurrence, '') is not null then
    perform check_recurrence(p_event.recurrence, p_path || 'recurrence');
    v.recurrence := p_event.recurrence;
  end if;
  v.gap := coalesce(nullif(p_event.gap, ''), 'shift');
  v.overlap := coalesce(nullif(p_event.overlap, ''), case when v.recurrence is null then 'first' end);
  v.missed := nullif(p_event.missed, '');
  -- What was not given fits.
  if coalesce(nullif(p_event.gap, ''), nullif(p_event.overlap, ''), v.missed) is not null then
    perform check_policies(v, p_path);
  end if;

  if nullif(p_event.scheduled_at, '') is null then
    perform refuse('invalid_date_time', p_path || 'scheduledAt', 'It is missing.');
  end if;
  v.scheduled := parse_moment(p_event.scheduled_at, v.timezone, v.overlap, p_path || 'scheduledAt');
  if v.recurrence is not null then
    if (v.scheduled).instant <> date_trunc('second', (v.scheduled).instant) then
      perform refuse('invalid_date_time', p_path || 'scheduledAt', 'Recurring events have whole seconds.');
    end if;
    v.starts_as_instant := (v.scheduled).local is null;
    v.scheduled := wall_moment(v.scheduled, v.timezone);
  end if;
  if nullif(p_event.ends_at, '') is not null then
    v.ends := parse_moment(p_event.ends_at, v.timezone, v.overlap, p_path || 'endsAt');
    if (v.ends).instant < (v.scheduled).instant then
      perform refuse('invalid_ends_at', p_path || 'endsAt');
    end if;
  end if;
  if nullif(p_event.max_lateness, '') is not null then
    v.max_lateness := parse_duration(p_event.max_lateness, p_path || 'maxLateness');
  end if;

  v.destination_topic := p_event.destination_topic;
  if topic_is_legal(v.destination_topic) is not true then
    perform refuse('invalid_topic', p_path || 'destinationTopic',
      coalesce(format('%L is not a topic to schedule to.', left(v.destination_topic, 60)), 'It is missing.'));
  end if;

  v.payload := p_event.payload;
  if v.payload is null then
    perform refuse('invalid_payload', p_path || 'payload', 'It is missing.');
  end if;
  v.key := nullif(p_event.key, '');
  v.headers := coalesce(p_event.headers, '{}');
  if v.headers <> '{}' then
    perform check_headers(v.headers, p_path);
  end if;
  v_bytes := message_bytes(v.payload, v.key, v.headers);
  if v_bytes > p_max_message_bytes then
    perform refuse('message_too_large', p_path || 'payload', format('%s bytes, at most %s.', v_bytes, p_max_message_bytes));
  end if;

  v.content_hash := sha256(convert_to((jsonb_build_array(
    format_moment(case when v.starts_as_instant then null else (v.scheduled).local end, (v.scheduled).instant, (v.scheduled).second_pass),
    format_moment((v.ends).local, (v.ends).instant, (v.ends).second_pass),
    v.timezone, v.destination_topic, v.gap, v.overlap, format_duration(v.max_lateness), v.key, v.headers)
    || case when v.recurrence is null then '[]' else jsonb_build_array(v.recurrence, v.missed) end)::text, 'UTF8')
    || v.payload);
  return v;
end
$$;
alter function scheduler_private.normalise_event(scheduler.event_input, text, integer) owner to scheduler_owner;
revoke all on function scheduler_private.normalise_event(scheduler.event_input, text, integer) from public;
comment on function scheduler_private.normalise_event(scheduler.event_input, text, integer) is 'Checks every field and gives the absent ones their defaults; an error names the field, after p_path.';
