create or replace function scheduler.identity_role() returns text
language sql stable
return case
  when session_user = 'scheduler_api' then
    case when nullif(current_setting('scheduler.identity', true), '') is not null
      then nullif(current_setting('scheduler.identity_role', true), '') end
  when pg_has_role(session_user, 'scheduler_operator', 'member') then 'operator'
  when pg_has_role(session_user, 'scheduler_producer', 'member') then 'producer'
  when pg_has_role(session_user, 'scheduler_reader', 'member') then 'reader'
end;
alter function scheduler.identity_role() owner to scheduler_owner;
revoke all on function scheduler.identity_role() from public;
grant execute on function scheduler.identity_role() to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.identity_role() is E'@omit\nproducer, operator or reader: for the API what its transaction says, for login roles by membership. Null: none.';
