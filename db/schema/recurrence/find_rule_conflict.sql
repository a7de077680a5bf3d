create or replace function scheduler_private.find_rule_conflict(p_parts jsonb) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_frequency constant text := p_parts ->> 'FREQ';
begin
  if p_parts ?& array['COUNT', 'UNTIL'] then
    return row('contradiction', 'COUNT', 'stands beside UNTIL', 'Give one of them.')::recurrence_error;
  elsif p_parts ? 'SKIP' and not p_parts ? 'RSCALE' then
    return row('contradiction', 'SKIP', 'stands without RSCALE', 'Write RSCALE=GREGORIAN, too.')::recurrence_error;
  elsif p_parts ? 'BYWEEKNO' and v_frequency <> 'YEARLY' then
    return row('contradiction', 'BYWEEKNO', 'stands in a ' || v_frequency || ' rule', 'It is for FREQ=YEARLY.')::recurrence_error;
  elsif p_parts ? 'BYYEARDAY' and v_frequency in ('MONTHLY', 'WEEKLY', 'DAILY') then
    return row('contradiction', 'BYYEARDAY', 'stands in a ' || v_frequency || ' rule', 'It is for FREQ=YEARLY, HOURLY, MINUTELY and SECONDLY.')::recurrence_error;
  elsif p_parts ? 'BYMONTHDAY' and v_frequency = 'WEEKLY' then
    return row('contradiction', 'BYMONTHDAY', 'stands in a WEEKLY rule', 'It is for every other FREQ.')::recurrence_error;
  elsif p_parts ->> 'BYDAY' ~ '[0-9]' and v_frequency not in ('YEARLY', 'MONTHLY') then
    return row('contradiction', 'BYDAY', 'has a number in a ' || v_frequency || ' rule', 'Numbers are for FREQ=MONTHLY and YEARLY.')::recurrence_error;
  elsif p_parts ->> 'BYDAY' ~ '[0-9]' and p_parts ? 'BYWEEKNO' then
    return row('contradiction', 'BYDAY', 'has a number beside BYWEEKNO', 'Write weekdays without numbers.')::recurrence_error;
  elsif p_parts ? 'BYSETPOS' and not p_parts ?| array['BYSECOND', 'BYMINUTE', 'BYHOUR', 'BYDAY', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH'] then
    return row('contradiction', 'BYSETPOS', 'stands alone', 'It picks from what another BY part gives.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_rule_conflict(jsonb) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_conflict(jsonb) from public;
comment on function scheduler_private.find_rule_conflict(jsonb) is 'Parts of a rule that RFC 5545 section 3.3.10 and RFC 7529 section 4.1 do not let stand together; null: none.';
