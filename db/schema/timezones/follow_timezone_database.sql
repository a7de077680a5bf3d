create or replace procedure scheduler_private.follow_timezone_database()
language plpgsql
as $$
declare
  v_fingerprint bytea;
begin
  v_fingerprint := scheduler_private.timezone_fingerprint();
  if v_fingerprint is not distinct from (select t.fingerprint from scheduler_private.timezone_database t) then
    return;
  end if;
  call scheduler.derive_instants();
  update scheduler_private.timezone_database set fingerprint = v_fingerprint, followed_at = now();
end
$$;
alter procedure scheduler_private.follow_timezone_database() owner to scheduler_owner;
revoke all on procedure scheduler_private.follow_timezone_database() from public;
comment on procedure scheduler_private.follow_timezone_database() is 'When Postgres has another time zone database than last time, or names were added: derives the instants of local times again. A procedure that commits takes neither SECURITY DEFINER nor SET.';
