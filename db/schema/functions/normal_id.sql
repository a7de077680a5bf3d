create or replace function scheduler_private.normal_id(p_id text) returns text
language sql immutable parallel safe
return lower(left(p_id, 36)) || upper(substr(p_id, 37));
alter function scheduler_private.normal_id(text) owner to scheduler_owner;
revoke all on function scheduler_private.normal_id(text) from public;
grant execute on function scheduler_private.normal_id(text) to scheduler_api;
comment on function scheduler_private.normal_id(text) is 'The id of an event or instance as it is stored: the UUID in lower case, the instant in upper case.';
