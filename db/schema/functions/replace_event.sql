create or replace function scheduler.replace_event(
  id text,
  event scheduler.event_input,
  status text default null
) returns scheduler.events
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
-- What holds the row longer than this is a stranger's transaction, not the claim.
set lock_timeout = '2s'
as $$
declare
  v_id constant text := normal_id(replace_event.id);
  v_event events;
  v normal_event;
begin
  perform require_role('producer', 'operator');
  if length(v_id) > 36 then
    return replace_instance(v_id, replace_event.event, replace_event.status);
  elsif lower(nullif(replace_event.event.id, '')) <> v_id then
    perform refuse('invalid_id', 'id', 'It differs from the event that is to be replaced.');
  end if;
  replace_event.event.id := v_id;
  select e.* into v_event from events e where e.id = v_id;
  if not found then
    perform refuse('not_found', 'id', left(v_id, 60));
  end if;
  v := (normalise_events(array[replace_event.event], false))[1];
  if v_event.recurs <> (v.recurrence is not null) then
    perform refuse('invalid_recurrence', 'recurrence', 'A recurrence is neither added to an event nor taken away: cancel this one and schedule another.');
  elsif v_event.recurs then
    perform revise_series(v);
  end if;
  return overwrite_event(v_id, v, replace_event.status);
end
$$;
alter function scheduler.replace_event(text, scheduler.event_input, text) owner to scheduler_owner;
revoke all on function scheduler.replace_event(text, scheduler.event_input, text) from public;
grant execute on function scheduler.replace_event(text, scheduler.event_input, text) to scheduler_api, scheduler_producer, scheduler_operator;
comment on function scheduler.replace_event(text, scheduler.event_input, text) is E'@resultFieldName event\n@notNull\nReplaces the whole of an event, a series or one instance of a series that has not been published: absent optional fields take their defaults. A status, if given, must be the present one. Of a series what is past stays as it was.';
