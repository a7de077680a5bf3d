create or replace function scheduler_private.find_rule_part_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  case p_part
    when 'FREQ' then return find_word_error(p_part, p_text, array['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY']);
    -- A signed 32-bit number, as in other implementations.
    when 'INTERVAL' then return find_positive_error(p_part, p_text, 2147483647);
    when 'COUNT' then return find_positive_error(p_part, p_text, 1000000000000000);
    when 'UNTIL' then
      if translate(p_text, '123456789', '000000000') = '00000000' then
        return find_date_error(p_part, p_text);
      end if;
      return find_date_time_error(p_part, p_text);
    -- 60 is a leap second, which reads as 59.
    when 'BYSECOND' then return find_number_list_error(p_part, p_text, 0, 60, false);
    when 'BYMINUTE' then return find_number_list_error(p_part, p_text, 0, 59, false);
    when 'BYHOUR' then return find_number_list_error(p_part, p_text, 0, 23, false);
    when 'BYDAY' then return find_weekday_list_error(p_text);
    when 'BYMONTHDAY' then return find_number_list_error(p_part, p_text, 1, 31, true);
    when 'BYYEARDAY' then return find_number_list_error(p_part, p_text, 1, 366, true);
    when 'BYWEEKNO' then return find_number_list_error(p_part, p_text, 1, 53, true);
    when 'BYMONTH' then return find_number_list_error(p_part, p_text, 1, 12, false);
    when 'BYSETPOS' then return find_number_list_error(p_part, p_text, 1, 366, true);
    when 'WKST' then return find_word_error(p_part, p_text, array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);
    when 'SKIP' then return find_word_error(p_part, p_text, array['OMIT', 'BACKWARD', 'FORWARD']);
    when 'RSCALE' then
      if p_text <> 'GREGORIAN' then
        return row('unsupported', p_part, 'is ' || quote_excerpt(p_text), 'The only calendar is GREGORIAN.')::recurrence_error;
      end if;
  end case;
  return null;
end
$$;
alter function scheduler_private.find_rule_part_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_part_error(text, text) from public;
comment on function scheduler_private.find_rule_part_error(text, text) is 'What is wrong with the value of a rule part (ranges of RFC 5545 section 3.3.10; RSCALE and SKIP of RFC 7529); null: nothing.';
