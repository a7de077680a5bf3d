create or replace function scheduler_private.refuse_truncate() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('not_deletable', '', format('TRUNCATE of %s.', tg_table_name));
  return null;
end
$$;
alter function scheduler_private.refuse_truncate() owner to scheduler_owner;
revoke all on function scheduler_private.refuse_truncate() from public;
comment on function scheduler_private.refuse_truncate() is 'Trigger: these tables are never emptied.';

create trigger refuse_truncate before truncate on scheduler_private.events
  for each statement execute function scheduler_private.refuse_truncate();
create trigger refuse_truncate before truncate on scheduler_private.event_contents
  for each statement execute function scheduler_private.refuse_truncate();
create trigger refuse_truncate before truncate on scheduler_private.attempts
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.events enable always trigger refuse_truncate;
alter table scheduler_private.event_contents enable always trigger refuse_truncate;
alter table scheduler_private.attempts enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.series
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.series enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.revisions
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.revisions enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.exceptions
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.exceptions enable always trigger refuse_truncate;
create trigger refuse_truncate before truncate on scheduler_private.passed_ranges
  for each statement execute function scheduler_private.refuse_truncate();
alter table scheduler_private.passed_ranges enable always trigger refuse_truncate;
