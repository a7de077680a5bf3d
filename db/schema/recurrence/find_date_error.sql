create or replace function scheduler_private.find_date_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if translate(p_text, '123456789', '000000000') <> '00000000' then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no date', 'Write dates like 20250423.')::recurrence_error;
  elsif not is_calendar_date(p_text) then
    return row('out_of_range', p_part, 'has the date ' || quote_excerpt(p_text), 'Dates are those of the calendar, from 00010101 to 99991231.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_date_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_date_error(text, text) from public;
comment on function scheduler_private.find_date_error(text, text) is 'What is wrong with a date (RFC 5545 section 3.3.4); null: nothing.';
