create or replace function scheduler_private.guard_contents_deletes() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select o.event_id into v_id from old_rows o join events e on e.id = o.event_id limit 1;
  if found then
    perform refuse('not_deletable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_contents_deletes() owner to scheduler_owner;
revoke all on function scheduler_private.guard_contents_deletes() from public;
comment on function scheduler_private.guard_contents_deletes() is 'Trigger, once per statement: what belongs to an event leaves with it only.';

create trigger guard_contents_deletes after delete on scheduler_private.event_contents
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
create trigger guard_attempts_deletes after delete on scheduler_private.attempts
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.event_contents enable always trigger guard_contents_deletes;
alter table scheduler_private.attempts enable always trigger guard_attempts_deletes;
create trigger guard_series_deletes after delete on scheduler_private.series
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.series enable always trigger guard_series_deletes;
create trigger guard_exceptions_deletes after delete on scheduler_private.exceptions
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_contents_deletes();
alter table scheduler_private.exceptions enable always trigger guard_exceptions_deletes;
