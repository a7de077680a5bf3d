create or replace function scheduler_private.delete_contents_of_events() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  delete from event_contents c using old_rows o where c.event_id = o.id;
  return null;
end
$$;
alter function scheduler_private.delete_contents_of_events() owner to scheduler_engine;
revoke all on function scheduler_private.delete_contents_of_events() from public;
comment on function scheduler_private.delete_contents_of_events() is 'Trigger, once per statement: contents go with their event.';

create trigger delete_contents_of_events after delete on scheduler_private.events
  referencing old table as old_rows
  for each statement execute function scheduler_private.delete_contents_of_events();
alter table scheduler_private.events enable always trigger delete_contents_of_events;
