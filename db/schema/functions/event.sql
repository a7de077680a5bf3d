create or replace function scheduler.event(id text) returns scheduler.events
language sql stable
set search_path = scheduler, pg_temp
as $$
  select e.* from scheduler.events e where e.id = lower(left(event.id, 36)) || upper(substr(event.id, 37))
$$;
alter function scheduler.event(text) owner to scheduler_owner;
revoke all on function scheduler.event(text) from public;
grant execute on function scheduler.event(text) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.event(text) is 'The event with this id, a series or an exception, too; null when there is none that the caller may see.';
