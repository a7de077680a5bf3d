create or replace function scheduler_private.find_property_error(p_line scheduler_private.content_line) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error recurrence_error;
begin
  if p_line.name in ('RDATE', 'EXDATE') then
    return find_date_list_error(p_line);
  elsif p_line.name <> 'RRULE' then
    return row('unsupported', left(p_line.name, 40), 'is not taken here', case p_line.name
      when 'DTSTART' then 'The start is the field scheduledAt.'
      when 'DTEND' then 'The end is the field endsAt.'
      when 'DURATION' then 'The end is the field endsAt.'
      when 'EXRULE' then 'It is obsolete (RFC 5545 section 8.3.2): write EXDATE lines.'
      else 'The properties are RRULE, RDATE and EXDATE.'
    end)::recurrence_error;
  end if;
  v_error := find_parameter_error(p_line, '{}');
  if v_error is null then
    return find_rule_error(p_line.value);
  end if;
  return v_error;
end
$$;
alter function scheduler_private.find_property_error(scheduler_private.content_line) owner to scheduler_owner;
revoke all on function scheduler_private.find_property_error(scheduler_private.content_line) from public;
comment on function scheduler_private.find_property_error(scheduler_private.content_line) is 'What is wrong with a well-formed line: its property, parameters or value; null: nothing.';
