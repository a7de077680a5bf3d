create or replace function scheduler.import_events(events scheduler.event_input[]) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  return cardinality(store_events(import_events.events, true));
end
$$;
alter function scheduler.import_events(scheduler.event_input[]) owner to scheduler_owner;
revoke all on function scheduler.import_events(scheduler.event_input[]) from public;
grant execute on function scheduler.import_events(scheduler.event_input[]) to scheduler_producer, scheduler_operator;
comment on function scheduler.import_events(scheduler.event_input[]) is E'@omit\nschedule_events for large numbers: it does not read back what it stored. Returns how many events that is, those that were known already included.';
