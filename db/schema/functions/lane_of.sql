create or replace function scheduler_private.lane_of(p_key text, p_lanes bigint) returns smallint
language sql immutable parallel safe
return ((hashtextextended(p_key, 0) % p_lanes + p_lanes) % p_lanes)::smallint;
alter function scheduler_private.lane_of(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.lane_of(text, bigint) from public;
grant execute on function scheduler_private.lane_of(text, bigint) to scheduler_engine;
comment on function scheduler_private.lane_of(text, bigint) is 'The lane of a message key.';
