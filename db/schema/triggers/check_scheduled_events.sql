create or replace function scheduler_private.check_scheduled_events() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_event record;
begin
  for v_event in select distinct n.owner, n.destination_topic from new_rows n where n.status = 'SCHEDULED' loop
    if not topic_is_legal(v_event.destination_topic) then
      perform refuse('invalid_topic', 'destinationTopic', v_event.destination_topic);
    elsif not topic_is_granted(v_event.owner, v_event.destination_topic) then
      perform refuse('topic_not_granted', 'destinationTopic', format('%s may not schedule to %s.', v_event.owner, v_event.destination_topic));
    end if;
  end loop;
  select n.timezone into v_event from (select distinct timezone from new_rows) n
  where not exists (select from timezones t where t.name = n.timezone) limit 1;
  if found then
    perform refuse('invalid_timezone', 'timezone', format('%L is not known.', v_event.timezone));
  end if;
  select n.lane into v_event from (select distinct lane from new_rows) n
  where not exists (select from lanes l where l.lane = n.lane) limit 1;
  if found then
    perform refuse('invalid_event', 'lane', format('There is no lane %s.', v_event.lane));
  end if;
  -- NOTIFY takes a lock of the whole database at commit: once per lane, and only for what is due soon.
  perform pg_notify('scheduler_lanes', n.lane::text)
  from (select distinct lane from new_rows
    where due_at <= now() + (select s.horizon from settings s) or expand_by is not null) n;
  return null;
end
$$;
alter function scheduler_private.check_scheduled_events() owner to scheduler_owner;
revoke all on function scheduler_private.check_scheduled_events() from public;
comment on function scheduler_private.check_scheduled_events() is 'Trigger, once per statement: topic legal and granted to the owner, zone and lane known; wakes the lanes that have something due soon, or a series to expand.';

create trigger check_inserted_events after insert on scheduler_private.events
  referencing new table as new_rows
  for each statement execute function scheduler_private.check_scheduled_events();
create trigger check_updated_events after update on scheduler_private.events
  referencing new table as new_rows
  for each statement when (current_user <> 'scheduler_engine')
  execute function scheduler_private.check_scheduled_events();
alter table scheduler_private.events enable always trigger check_inserted_events;
alter table scheduler_private.events enable always trigger check_updated_events;
