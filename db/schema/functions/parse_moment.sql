create or replace function scheduler_private.parse_moment(
  p_text text,
  p_timezone text,
  p_overlap text,
  p_field text
) returns scheduler_private.moment
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_part constant text[] := regexp_match(p_text,
    '^(\d{4})-(0[1-9]|1[0-2])-([0-2]\d|3[01])T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?)(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$', 'i');
  v_month_starts date;
  v_local timestamp;
  v_instant timestamptz;
begin
  if v_part is null or v_part[1] = '0000' then
    perform refuse('invalid_date_time', p_field, format('%L is not a date-time.', left(p_text, 60)));
  end if;
  v_month_starts := make_date(v_part[1]::int, v_part[2]::int, 1);
  if v_part[3]::int not between 1 and extract(day from v_month_starts + interval '1 month - 1 day') then
    perform refuse('invalid_date_time', p_field, format('%s-%s has no day %s.', v_part[1], v_part[2], v_part[3]));
  end if;
  v_local := v_month_starts + (v_part[3]::int - 1) + v_part[4]::time;

  if v_part[5] is null then
    v_instant := resolve_local(v_local, p_timezone, p_overlap);
  elsif upper(v_part[5]) = 'Z' then
    v_instant := v_local at time zone 'UTC';
  else
    v_instant := v_local at time zone 'UTC' - v_part[5]::interval;
  end if;
  if v_instant not between '0001-01-01 00:00Z' and '9999-12-31 23:59:59.999999Z' then
    perform refuse('invalid_date_time', p_field, 'The instant in UTC lies outside the years 0001 to 9999.');
  end if;

  if v_part[5] is null then
    return row(v_local, v_instant, false)::moment;
  elsif is_second_pass(v_local, v_instant, p_timezone) then
    return row(v_local, v_instant, true)::moment;
  end if;
  return row(null, v_instant, false)::moment;
end
$$;
alter function scheduler_private.parse_moment(text, text, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.parse_moment(text, text, text, text) from public;
comment on function scheduler_private.parse_moment(text, text, text, text) is 'Reads an RFC 3339 date-time: an instant, or without Z and offset wall time in the zone. An offset that names the second pass of a doubled wall time is kept as that wall time, as it is read back.';
