create or replace function scheduler_private.find_date_time_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if translate(p_text, '123456789', '000000000') not in ('00000000T000000', '00000000T000000Z') then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no date-time', case p_part
      when 'UNTIL' then 'Write it like 20250423, 20250423T010000 or, in UTC, 20250423T010000Z.'
      else 'Write it like 20250423T010000 or, in UTC, 20250423T010000Z; for dates add VALUE=DATE.'
    end)::recurrence_error;
  -- 60 is a leap second, which reads as 59.
  elsif substr(p_text, 10, 2) > '23' or substr(p_text, 12, 2) > '59' or substr(p_text, 14, 2) > '60' then
    return row('out_of_range', p_part, 'has the time ' || quote_excerpt(p_text), 'Hours go from 00 to 23, minutes and seconds from 00 to 59.')::recurrence_error;
  elsif not is_calendar_date(left(p_text, 8)) then
    return find_date_error(p_part, left(p_text, 8));
  end if;
  return null;
end
$$;
alter function scheduler_private.find_date_time_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_date_time_error(text, text) from public;
comment on function scheduler_private.find_date_time_error(text, text) is 'What is wrong with a date-time, local or in UTC (RFC 5545 section 3.3.5); null: nothing.';
