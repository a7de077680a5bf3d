create or replace function scheduler_private.find_recurrence_error(p_text text) returns scheduler_private.recurrence_error
language plpgsql stable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error recurrence_error := find_size_error(p_text);
  v_lines text[];
  v_text text;
  v_line content_line;
  v_rules integer := 0;
  v_added integer := 0;
  v_excluded integer := 0;
begin
  if v_error is null then
    v_lines := unfold_content_lines(p_text);
    v_error := find_form_error(v_lines);
  end if;
  if v_error is not null then
    return v_error;
  end if;

  foreach v_text in array v_lines loop
    v_line := read_content_line(v_text);
    v_error := find_property_error(v_line);
    if v_error is not null then
      return v_error;
    elsif v_line.name = 'RRULE' then
      v_rules := v_rules + 1;
    elsif v_line.name = 'RDATE' then
      v_added := v_added + cardinality(read_date_list(v_line));
    else
      v_excluded := v_excluded + cardinality(read_date_list(v_line));
    end if;
    if greatest(v_added, v_excluded) > 10000 then
      return row('too_large', v_line.name, 'has too many dates', 'At most 10000 are taken.')::recurrence_error;
    end if;
  end loop;

  if v_rules > 16 then
    return row('too_large', 'RRULE', 'is there ' || v_rules || ' times', 'At most 16 are taken.')::recurrence_error;
  elsif v_rules + v_added = 0 then
    return row('missing', 'RRULE', 'is missing', 'Write at least one RRULE or RDATE.')::recurrence_error;
  elsif upper(p_text collate "C") like '%TZID%' then
    return find_timezone_error(v_lines);
  end if;
  return null;
end
$$;
alter function scheduler_private.find_recurrence_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_recurrence_error(text) from public;
comment on function scheduler_private.find_recurrence_error(text) is 'The first mistake in the text of a recurrence: the grammar, ranges and limits of parse in recurrence/parse.ts, which names the same one, and TZIDs that are not in timezones; null: none. Whether anything matches is not looked at.';
