create or replace function scheduler_private.is_second_pass(
  p_local timestamp,
  p_instant timestamptz,
  p_timezone text
) returns boolean
language sql stable
return p_instant at time zone p_timezone = p_local
  and scheduler_private.resolve_local(p_local, p_timezone, 'first') <> p_instant;
alter function scheduler_private.is_second_pass(timestamp, timestamptz, text) owner to scheduler_owner;
revoke all on function scheduler_private.is_second_pass(timestamp, timestamptz, text) from public;
grant execute on function scheduler_private.is_second_pass(timestamp, timestamptz, text) to scheduler_engine;
comment on function scheduler_private.is_second_pass(timestamp, timestamptz, text) is 'Whether a clock in the zone shows this wall time at this instant for the second time.';
