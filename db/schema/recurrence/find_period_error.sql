create or replace function scheduler_private.find_period_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_start constant text := split_part(p_text, '/', 1);
  v_end constant text := split_part(p_text, '/', 2);
  v_error recurrence_error;
begin
  if p_text !~ '^[^/]*/[^/]*$' then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no period', 'Write periods like 20250423T010000Z/20250423T020000Z or 20250423T010000Z/PT1H.')::recurrence_error;
  elsif v_end ~ '^[+-]?P' then
    v_error := find_duration_error(p_part, v_end);
  else
    v_error := find_date_time_error(p_part, v_end);
  end if;
  if v_error is null then
    return find_date_time_error(p_part, v_start);
  end if;
  return v_error;
end
$$;
alter function scheduler_private.find_period_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_period_error(text, text) from public;
comment on function scheduler_private.find_period_error(text, text) is 'What is wrong with a period, from a date-time to another or of a duration (RFC 5545 section 3.3.9); null: nothing. Whether it ends after its start depends on zones and is not looked at.';
