create or replace function scheduler_private.format_moment(
  p_local timestamp,
  p_instant timestamptz,
  p_second_pass boolean
) returns text
language sql stable parallel safe
return rtrim(rtrim(to_char(coalesce(p_local, p_instant at time zone 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.')
  || case
    when p_local is null then 'Z'
    when p_second_pass then
      case when p_local < p_instant at time zone 'UTC' then '-' else '+' end
      || to_char(greatest(p_local - (p_instant at time zone 'UTC'), (p_instant at time zone 'UTC') - p_local), 'HH24:MI')
    else ''
  end;
alter function scheduler_private.format_moment(timestamp, timestamptz, boolean) owner to scheduler_owner;
revoke all on function scheduler_private.format_moment(timestamp, timestamptz, boolean) from public;
grant execute on function scheduler_private.format_moment(timestamp, timestamptz, boolean) to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.format_moment(timestamp, timestamptz, boolean) is 'A date-time as it was given: wall time without offset, an instant with Z, the second pass of a doubled wall time with its offset.';
