create or replace function scheduler_private.guard_attempts() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  perform refuse('immutable', 'attempt');
  return null;
end
$$;
alter function scheduler_private.guard_attempts() owner to scheduler_owner;
revoke all on function scheduler_private.guard_attempts() from public;
comment on function scheduler_private.guard_attempts() is 'Trigger: only the engine counts attempts, and what was rejected stays on record.';

create trigger guard_attempts_updates before update on scheduler_private.attempts
  for each row execute function scheduler_private.guard_attempts();
create trigger guard_attempts_inserts before insert on scheduler_private.attempts
  for each row when (current_user <> 'scheduler_engine')
  execute function scheduler_private.guard_attempts();
alter table scheduler_private.attempts enable always trigger guard_attempts_updates;
alter table scheduler_private.attempts enable always trigger guard_attempts_inserts;
