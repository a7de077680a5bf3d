create or replace function scheduler_private.grace() returns interval
language sql immutable parallel safe
return interval '1 minute';
alter function scheduler_private.grace() owner to scheduler_owner;
revoke all on function scheduler_private.grace() from public;
grant execute on function scheduler_private.grace() to scheduler_engine;
comment on function scheduler_private.grace() is 'What is overdue by no more than this was not missed; the same in relay/expansion.';
