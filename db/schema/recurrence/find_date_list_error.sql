create or replace function scheduler_private.find_date_list_error(p_line scheduler_private.content_line) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_types constant text[] := case p_line.name when 'RDATE' then array['DATE-TIME', 'DATE', 'PERIOD'] else array['DATE-TIME', 'DATE'] end;
  v_type constant text := upper(coalesce(p_line.parameter_values[array_position(p_line.parameter_names, 'VALUE')], 'DATE-TIME') collate "C");
  v_error recurrence_error;
begin
  v_error := find_parameter_error(p_line, array['VALUE', 'TZID']);
  if v_error is not null then
    return v_error;
  elsif v_type <> all (v_types) then
    return row('unsupported', 'VALUE', 'is ' || quote_excerpt(v_type) || ' in ' || p_line.name, 'Write one of ' || array_to_string(v_types, ', ') || '.')::recurrence_error;
  end if;

  return (
    select d.error
    from (
      select v.i, case v_type
        when 'DATE' then find_date_error(p_line.name, v.value)
        when 'PERIOD' then find_period_error(p_line.name, v.value)
        else find_date_time_error(p_line.name, v.value)
      end as error
      from unnest(read_date_list(p_line)) with ordinality as v (value, i)
    ) d
    where d.error is not null
    order by d.i
    limit 1);
end
$$;
alter function scheduler_private.find_date_list_error(scheduler_private.content_line) owner to scheduler_owner;
revoke all on function scheduler_private.find_date_list_error(scheduler_private.content_line) from public;
comment on function scheduler_private.find_date_list_error(scheduler_private.content_line) is 'What is wrong with an RDATE or EXDATE line (RFC 5545 sections 3.8.5.1 and 3.8.5.2), its zone aside; null: nothing.';
