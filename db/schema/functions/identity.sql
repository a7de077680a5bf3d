create or replace function scheduler.identity() returns text
language sql stable
return case
  when session_user = 'scheduler_api' then nullif(current_setting('scheduler.identity', true), '')
  else 'sql:' || session_user
end;
alter function scheduler.identity() owner to scheduler_owner;
revoke all on function scheduler.identity() from public;
grant execute on function scheduler.identity() to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler.identity() is E'@omit\nWho calls: for the API what its transaction says, for everyone else sql:<login role>. Null: nobody.';
