create or replace function scheduler_private.instant_of(p_instance_id text) returns timestamptz
language sql immutable parallel safe
return make_timestamptz(
  substr(p_instance_id, 38, 4)::integer, substr(p_instance_id, 42, 2)::integer, substr(p_instance_id, 44, 2)::integer,
  substr(p_instance_id, 47, 2)::integer, substr(p_instance_id, 49, 2)::integer, substr(p_instance_id, 51, 2)::integer, 'UTC');
alter function scheduler_private.instant_of(text) owner to scheduler_owner;
revoke all on function scheduler_private.instant_of(text) from public;
grant execute on function scheduler_private.instant_of(text) to scheduler_engine;
comment on function scheduler_private.instant_of(text) is 'The original start that the id of an instance says.';
