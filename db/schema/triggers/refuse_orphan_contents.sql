create or replace function scheduler_private.refuse_orphan_contents() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- Each by its key: a plan made for few rows would read all events for many.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_id text;
begin
  select n.event_id into v_id from new_rows n
  where not exists (select from events e where e.id = n.event_id)
  limit 1;
  if found then
    perform refuse('invalid_event', 'id', format('There is no event %s.', left(v_id, 60)));
  end if;
  return null;
end
$$;
alter function scheduler_private.refuse_orphan_contents() owner to scheduler_engine;
revoke all on function scheduler_private.refuse_orphan_contents() from public;
comment on function scheduler_private.refuse_orphan_contents() is 'Trigger, once per statement: contents belong to an event. Not by a foreign key, which locks each event on its own: an eighth of what a creation costs.';

create trigger refuse_orphan_contents after insert on scheduler_private.event_contents
  referencing new table as new_rows
  for each statement execute function scheduler_private.refuse_orphan_contents();
alter table scheduler_private.event_contents enable always trigger refuse_orphan_contents;
