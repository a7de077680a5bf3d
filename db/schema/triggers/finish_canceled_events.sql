create or replace function scheduler_private.finish_canceled_events() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.due_at := null;
  new.expand_by := null;
  new.updated_at := now();
  return new;
end
$$;
alter function scheduler_private.finish_canceled_events() owner to scheduler_owner;
revoke all on function scheduler_private.finish_canceled_events() from public;
comment on function scheduler_private.finish_canceled_events() is 'Trigger: so that a plain UPDATE … SET status = ''CANCELED'' is all that it takes.';

create trigger finish_canceled_events before update on scheduler_private.events
  for each row when (old.status = 'SCHEDULED' and new.status = 'CANCELED' and new.due_at is not null)
  execute function scheduler_private.finish_canceled_events();
alter table scheduler_private.events enable always trigger finish_canceled_events;
