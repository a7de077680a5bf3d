create or replace function scheduler_private.read_start(p_given scheduler_private.moment, p_timezone text, p_index bigint)
returns scheduler_private.moment
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_wall constant timestamp := coalesce(p_given.local, p_given.instant at time zone p_timezone);
begin
  if p_given.instant <> date_trunc('second', p_given.instant) then
    perform refuse('invalid_date_time', input_path(p_index, 'scheduledAt'), 'Recurring events have whole seconds.');
  elsif p_given.local is not null then
    return p_given;
  end if;
  return row(v_wall, p_given.instant, is_second_pass(v_wall, p_given.instant, p_timezone))::moment;
end
$$;
alter function scheduler_private.read_start(scheduler_private.moment, text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_start(scheduler_private.moment, text, bigint) from public;
comment on function scheduler_private.read_start(scheduler_private.moment, text, bigint) is 'DTSTART of a series: wall time, whatever was given, in whole seconds.';
