create or replace function scheduler_private.guard_contents_updates() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  if exists (
    select n.event_id, n.owner from new_rows n
    except
    select o.event_id, o.owner from old_rows o
  ) then
    perform refuse('immutable', 'id');
  end if;
  -- Touching the event takes its row lock and meets every rule of a change: final, in flight, isolation level.
  update events e set updated_at = now() from old_rows o where e.id = o.event_id;
  select n.event_id into v_id from new_rows n join events e on e.id = n.event_id
  where e.lane <> lane_of(coalesce(n.key, e.series_id, e.id), (select count(*) from lanes))
  limit 1;
  if found then
    perform refuse('immutable', 'key', format('Change the key of %s by scheduler.replace_event: it decides the lane.', v_id));
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_contents_updates() owner to scheduler_owner;
revoke all on function scheduler_private.guard_contents_updates() from public;
comment on function scheduler_private.guard_contents_updates() is 'Trigger, once per statement: contents change as their event does, or not at all.';

create trigger guard_contents_updates after update on scheduler_private.event_contents
  referencing old table as old_rows new table as new_rows
  for each statement execute function scheduler_private.guard_contents_updates();
alter table scheduler_private.event_contents enable always trigger guard_contents_updates;
