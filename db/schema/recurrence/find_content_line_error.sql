create or replace function scheduler_private.find_content_line_error(p_line text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_name constant text := upper(substring(p_line from '^[A-Za-z0-9-]*') collate "C");
  v_delimiter constant text := substr(p_line, length(v_name) + 1, 1);
  v_head text;
  v_repeated text;
begin
  if p_line ~ '[^\x20-\x7e]' then
    return row('malformed', 'recurrence', 'has ' || quote_excerpt(p_line), 'Only printable ASCII has a meaning here; lines end with \n or \r\n.')::recurrence_error;
  elsif v_name <> '' and v_delimiter = '=' then
    return null;
  elsif v_name = '' or v_delimiter not in (':', ';') then
    return row('malformed', 'recurrence', 'has the line ' || quote_excerpt(p_line), 'A line is written NAME:value or NAME;PARAMETER=value:value.')::recurrence_error;
  end if;

  v_head := substring(p_line from '^[A-Za-z0-9-]+(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?=[;:]))*');
  select p.name into v_repeated
  from (select r.name, r.place, row_number() over (partition by r.name order by r.place) as nth from read_parameters(v_head) r) p
  where p.nth > 1
  order by p.place
  limit 1;
  if found then
    return row('repeated', left(v_repeated, 40), 'is there twice in ' || left(v_name, 40), 'Give it once.')::recurrence_error;
  elsif substr(p_line, length(v_head) + 1, 1) <> ':' then
    return row('malformed', left(v_name, 40), 'has parameters that cannot be read in ' || quote_excerpt(p_line), 'Parameters are written ;NAME=value, and a colon comes before the value.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_content_line_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_content_line_error(text) from public;
comment on function scheduler_private.find_content_line_error(text) is 'What is wrong with the form of a content line (RFC 5545 section 3.1), whatever its name; null: nothing.';
