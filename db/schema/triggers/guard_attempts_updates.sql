create or replace function scheduler_private.guard_attempts_updates() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('immutable', 'attempt');
  return null;
end
$$;
alter function scheduler_private.guard_attempts_updates() owner to scheduler_owner;
revoke all on function scheduler_private.guard_attempts_updates() from public;
comment on function scheduler_private.guard_attempts_updates() is 'Trigger: what was rejected stays on record.';

create trigger guard_attempts_updates before update on scheduler_private.attempts
  for each row execute function scheduler_private.guard_attempts_updates();
alter table scheduler_private.attempts enable always trigger guard_attempts_updates;
