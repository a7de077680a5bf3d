create or replace function scheduler_private.check_contents_size() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id text;
begin
  select n.event_id into v_id from new_rows n, settings s
  where message_bytes(n.payload, n.key, n.headers) > s.max_message_bytes
  limit 1;
  if found then
    perform refuse('message_too_large', 'payload', v_id);
  end if;
  return null;
end
$$;
alter function scheduler_private.check_contents_size() owner to scheduler_owner;
revoke all on function scheduler_private.check_contents_size() from public;
comment on function scheduler_private.check_contents_size() is 'Trigger, once per statement: max_message_bytes holds for plain SQL, too.';

create trigger check_inserted_size after insert on scheduler_private.event_contents
  referencing new table as new_rows
  for each statement execute function scheduler_private.check_contents_size();
create trigger check_updated_size after update on scheduler_private.event_contents
  referencing new table as new_rows
  for each statement execute function scheduler_private.check_contents_size();
alter table scheduler_private.event_contents enable always trigger check_inserted_size;
alter table scheduler_private.event_contents enable always trigger check_updated_size;
