create or replace function scheduler_private.announce_changes() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
begin
  if (select w.watched_until > now() from watches w) then
    perform pg_notify('scheduler_changes', n.lane::text) from (select distinct lane from new_rows) n;
  end if;
  return null;
end
$$;
alter function scheduler_private.announce_changes() owner to scheduler_engine;
revoke all on function scheduler_private.announce_changes() from public;
comment on function scheduler_private.announce_changes() is 'Trigger, once per statement: while somebody watches, notifies the lanes whose events changed, and nothing of the events. Postgres sends a lane once per transaction: a confirmed batch is one notification.';

create trigger announce_changes after update on scheduler_private.events
  referencing new table as new_rows
  for each statement execute function scheduler_private.announce_changes();
alter table scheduler_private.events enable always trigger announce_changes;
