create or replace function scheduler_private.check_scheduled_events() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_soon constant timestamptz := (select now() + s.horizon from settings s);
  v_alike record;
begin
  for v_alike in
    select n.owner, n.destination_topic, n.timezone, n.lane,
      bool_or(n.status = 'SCHEDULED') as are_scheduled,
      bool_or(n.due_at <= v_soon or n.expand_by is not null) as are_awaited
    from new_rows n group by n.owner, n.destination_topic, n.timezone, n.lane
  loop
    if v_alike.are_scheduled then
      if not topic_is_legal(v_alike.destination_topic) then
        perform refuse('invalid_topic', 'destinationTopic', v_alike.destination_topic);
      elsif not topic_is_granted(v_alike.owner, v_alike.destination_topic) then
        perform refuse('topic_not_granted', 'destinationTopic', format('%s may not schedule to %s.', v_alike.owner, v_alike.destination_topic));
      end if;
    end if;
    if not exists (select from timezones t where t.name = v_alike.timezone) then
      perform refuse('invalid_timezone', 'timezone', format('%L is not known.', v_alike.timezone));
    elsif not exists (select from lanes l where l.lane = v_alike.lane) then
      perform refuse('invalid_event', 'lane', format('There is no lane %s.', v_alike.lane));
    end if;
    -- NOTIFY takes a lock of the whole database at commit: once per lane, and only for what is due soon.
    if v_alike.are_awaited then
      perform pg_notify('scheduler_lanes', v_alike.lane::text);
    end if;
  end loop;
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
