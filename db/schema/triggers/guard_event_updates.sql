create or replace function scheduler_private.guard_event_updates() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
  v_status text;
begin
  select o.id, o.status into v_id, v_status from old_rows o where o.status <> 'SCHEDULED' limit 1;
  if found then
    perform refuse('final', 'status', format('%s is %s.', v_id, v_status));
  end if;
  -- Both checks look after the rows were locked, so they must not look with an older snapshot.
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    perform refuse('isolation_level');
  end if;
  select o.id into v_id from old_rows o join batches b on b.lane = o.lane and o.id = any (b.event_ids) limit 1;
  if found then
    perform refuse('in_flight', 'id', v_id);
  end if;
  -- Confirm, reject and claim close or have not yet opened their batch when they update, and keep these rules by themselves.
  if current_user = 'scheduler_engine' then
    return null;
  end if;
  select o.id into v_id from old_rows o join batches b on o.id = any (b.series_ids) where o.recurs limit 1;
  if found then
    perform refuse('in_flight', 'id', v_id);
  end if;
  -- EXCEPT and not a join: a plan made for few rows would take for ever with many.
  select changed.id into v_id from (
    select n.id, n.owner, n.created_at, n.content_hash, n.retry, n.published_at, n.recurs, n.series_id from new_rows n
    except
    select o.id, o.owner, o.created_at, o.content_hash, o.retry, o.published_at, o.recurs, o.series_id from old_rows o
  ) changed
  limit 1;
  if not found then
    select n.id into v_id from new_rows n where n.status not in ('SCHEDULED', 'CANCELED') limit 1;
  end if;
  if found then
    perform refuse('immutable', 'id', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.guard_event_updates() owner to scheduler_owner;
revoke all on function scheduler_private.guard_event_updates() from public;
comment on function scheduler_private.guard_event_updates() is 'Trigger, once per statement, whoever made it: final stays final, what the open batch of a lane names, a series by its instances, does not change, and only the engine publishes, fails and counts attempts.';

create trigger guard_event_updates after update on scheduler_private.events
  referencing old table as old_rows new table as new_rows
  for each statement execute function scheduler_private.guard_event_updates();
alter table scheduler_private.events enable always trigger guard_event_updates;
