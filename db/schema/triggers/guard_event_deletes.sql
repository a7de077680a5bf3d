create or replace function scheduler_private.guard_event_deletes() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select o.id into v_id from old_rows o, settings s
  where case
    -- What a changed rule does not have any more was never published.
    when o.series_id is not null and o.status = 'SCHEDULED' then current_user <> 'scheduler_engine'
    when exists (select from series k where k.event_id = o.series_id) then true
    else o.status = 'SCHEDULED' or o.updated_at > now() - s.retention
  end
  limit 1;
  if found then
    perform refuse('not_deletable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_event_deletes() owner to scheduler_owner;
revoke all on function scheduler_private.guard_event_deletes() from public;
comment on function scheduler_private.guard_event_deletes() is 'Trigger, once per statement: only what has been final for longer than the retention is deleted, whoever does it; exceptions leave with their series.';

create trigger guard_event_deletes after delete on scheduler_private.events
  referencing old table as old_rows
  for each statement execute function scheduler_private.guard_event_deletes();
alter table scheduler_private.events enable always trigger guard_event_deletes;
