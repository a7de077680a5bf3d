create or replace function scheduler_private.wall_moment(p_moment scheduler_private.moment, p_timezone text) returns scheduler_private.moment
language sql stable
return case
  when (p_moment).local is not null then p_moment
  else row(
    (p_moment).instant at time zone p_timezone,
    (p_moment).instant,
    scheduler_private.is_second_pass((p_moment).instant at time zone p_timezone, (p_moment).instant, p_timezone)
  )::scheduler_private.moment
end;
alter function scheduler_private.wall_moment(scheduler_private.moment, text) owner to scheduler_owner;
revoke all on function scheduler_private.wall_moment(scheduler_private.moment, text) from public;
comment on function scheduler_private.wall_moment(scheduler_private.moment, text) is 'The same date-time as wall time in the zone.';
