create or replace function scheduler_private.find_rule_error(p_value text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_items constant text[] := split_list(regexp_replace(upper(p_value collate "C"), ';$', ''), ';');
  v_known constant text[] := array['FREQ', 'UNTIL', 'COUNT', 'INTERVAL', 'BYDAY', 'WKST', 'RSCALE', 'SKIP', 'BYSECOND', 'BYMINUTE', 'BYHOUR', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH', 'BYSETPOS'];
  v_parts jsonb;
  v_part text;
  v_error recurrence_error;
begin
  v_error := find_rule_form_error(v_items, v_known);
  if v_error is not null then
    return v_error;
  end if;
  select jsonb_object_agg(split_part(i.item, '=', 1), split_part(i.item, '=', 2)) into v_parts from unnest(v_items) as i (item);
  if not v_parts ? 'FREQ' then
    return row('missing', 'FREQ', 'is missing', 'Say how often: FREQ=DAILY.')::recurrence_error;
  end if;
  -- In the order of parseRule in recurrence/parse-rule.ts, so that of several mistakes both name the same.
  foreach v_part in array array['RSCALE', 'FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYSECOND', 'BYMINUTE', 'BYHOUR', 'BYDAY', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH', 'BYSETPOS', 'WKST', 'SKIP'] loop
    if v_parts ? v_part then
      v_error := find_rule_part_error(v_part, v_parts ->> v_part);
      if v_error is not null then
        return v_error;
      end if;
    end if;
  end loop;
  return find_rule_conflict(v_parts);
end
$$;
alter function scheduler_private.find_rule_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_error(text) from public;
comment on function scheduler_private.find_rule_error(text) is 'What is wrong with the value of an RRULE (RFC 5545 section 3.3.10, RFC 7529); a semicolon behind it is tolerated; null: nothing.';
