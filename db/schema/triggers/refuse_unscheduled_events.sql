create or replace function scheduler_private.refuse_unscheduled_events() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('immutable', 'status', 'An event begins as SCHEDULED, without attempts.');
  return null;
end
$$;
alter function scheduler_private.refuse_unscheduled_events() owner to scheduler_owner;
revoke all on function scheduler_private.refuse_unscheduled_events() from public;
comment on function scheduler_private.refuse_unscheduled_events() is 'Trigger: rows are inserted as SCHEDULED only, by whomever.';

create trigger refuse_unscheduled_events before insert on scheduler_private.events
  for each row when (new.status <> 'SCHEDULED' or new.retry <> 0)
  execute function scheduler_private.refuse_unscheduled_events();
alter table scheduler_private.events enable always trigger refuse_unscheduled_events;
