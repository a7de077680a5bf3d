create or replace function scheduler_private.guard_event_deletes() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select o.id into v_id from old_rows o, settings s
  where o.status = 'SCHEDULED' or o.updated_at > now() - s.retention
  limit 1;
  if found then
    perform refuse('not_deletable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_event_deletes() owner to scheduler_owner;
revoke all on function scheduler_private.guard_event_deletes() from public;
comment on function scheduler_private.guard_event_deletes() is 'Trigger, once per statement: only what has been final for longer than the retention is deleted, whoever does it.';

create trigger guard_event_deletes after delete on scheduler_private.events
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_event_deletes();
alter table scheduler_private.events enable always trigger guard_event_deletes;
