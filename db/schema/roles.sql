-- Roles belong to the whole Postgres cluster: another database of it may be creating them now.
do $roles$
declare
  v_role text;
begin
  foreach v_role in array array[
    'scheduler_owner nologin', 'scheduler_engine nologin',
    'scheduler_producer nologin', 'scheduler_operator nologin', 'scheduler_reader nologin',
    'scheduler_api login', 'scheduler_relay login'
  ] loop
    begin
      execute format('create role %s', v_role);
    exception when duplicate_object or unique_violation then
      raise debug '% is there already', v_role;
    end;
  end loop;
end
$roles$;

comment on role scheduler_owner is 'Owns every object of the scheduler; its row level security is forced, so the functions that it runs for callers see what the caller may see.';
comment on role scheduler_engine is 'Owner of the functions of relay and tick: sees every row. The only role that publishes, fails or counts attempts.';
comment on role scheduler_producer is 'May schedule events and see and change its own.';
comment on role scheduler_operator is 'May see and change everything and grant topics.';
comment on role scheduler_reader is 'May see everything but payload, key and headers.';
comment on role scheduler_api is 'Login of the API; acts as the identity of its transaction-local settings scheduler.identity and scheduler.identity_role.';
comment on role scheduler_relay is 'Login of the relays.';
