create or replace function scheduler_private.find_duration_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_numbers text[];
begin
  -- The longest legal one: +P999999DT999999999H999999999M999999999S.
  if length(p_text) <= 40 then
    v_numbers := regexp_match(p_text, '^\+?P(?:([0-9]+)W|(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?)$');
  end if;
  if v_numbers is null or p_text !~ '[1-9]'
    or coalesce(length(v_numbers[1]), length(v_numbers[2])) > 6
    or greatest(length(v_numbers[3]), length(v_numbers[4]), length(v_numbers[5])) > 9 then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no duration', 'Write positive durations like PT30M, P1DT12H or P2W.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_duration_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_duration_error(text, text) from public;
comment on function scheduler_private.find_duration_error(text, text) is 'What is wrong with a positive duration (RFC 5545 section 3.3.6); null: nothing.';
