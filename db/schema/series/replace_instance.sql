create or replace function scheduler_private.replace_instance(
  p_id text,
  p_event scheduler.event_input,
  p_status text,
  p_occurrence scheduler_private.occurrence default null,
  p_revision integer default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(p_id);
  v_series events;
  v normal_event;
begin
  perform require_role('producer', 'operator');
  perform check_instance_id(v_id);
  if normal_id(nullif(p_event.id, '')) <> v_id then
    perform refuse('invalid_id', 'id', 'It differs from the instance that is to be replaced.');
  elsif nullif(p_event.recurrence, '') is not null then
    perform refuse('invalid_recurrence', 'recurrence', 'An instance of a series has none.');
  end if;
  select e.* into v_series from events e where e.id = left(v_id, 36) and e.recurs;
  if not found then
    perform refuse('not_found', 'id', v_id);
  end if;
  -- They are its series'. A second pass is given by its offset, as it is read, so that what is put back never moves.
  p_event.id := null;
  p_event.gap := null;
  p_event.overlap := null;
  p_event.missed := null;
  v := (normalise_events(array[p_event], false))[1];

  perform lock_series(array[v_series.id]);
  if not exists (select from events e where e.id = v_id) then
    perform refuse_in_flight(v_series.id);
    perform except_occurrence(v_series.id, find_occurrence(v_id, p_occurrence, p_revision));
  end if;
  return overwrite_event(v_id, v, p_status);
end
$$;
alter function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) owner to scheduler_owner;
revoke all on function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) from public;
grant execute on function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) to scheduler_api;
comment on function scheduler_private.replace_instance(text, scheduler.event_input, text, scheduler_private.occurrence, integer) is 'Replaces one instance of a series, which becomes an exception: a whole snapshot, which later changes of the series do not touch. p_occurrence: what the caller found by expanding the series at that revision; null: it must be pending, or an exception already.';
