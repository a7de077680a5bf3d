create or replace function scheduler_private.utc_offset(p_instant timestamptz, p_timezone text) returns interval
language sql stable parallel safe
return (p_instant at time zone p_timezone) - (p_instant at time zone 'UTC');
alter function scheduler_private.utc_offset(timestamptz, text) owner to scheduler_owner;
revoke all on function scheduler_private.utc_offset(timestamptz, text) from public;
grant execute on function scheduler_private.utc_offset(timestamptz, text) to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.utc_offset(timestamptz, text) is 'What a clock in the zone is ahead of UTC at that instant.';
