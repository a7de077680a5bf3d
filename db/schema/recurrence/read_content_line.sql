create or replace function scheduler_private.read_content_line(p_line text) returns scheduler_private.content_line
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_head constant text := substring(p_line from '^[A-Za-z0-9-]+(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*))*:');
  v_line content_line := row(upper(split_part(rtrim(v_head, ':'), ';', 1) collate "C"), '{}', '{}', substr(p_line, length(v_head) + 1))::content_line;
begin
  if v_head is null then
    return row('RRULE', '{}', '{}', p_line)::content_line;
  elsif length(v_head) > length(v_line.name) + 1 then
    select array_agg(p.name order by p.place), array_agg(p.value order by p.place)
      into v_line.parameter_names, v_line.parameter_values
      from read_parameters(v_head) p;
  end if;
  return v_line;
end
$$;
alter function scheduler_private.read_content_line(text) owner to scheduler_owner;
revoke all on function scheduler_private.read_content_line(text) from public;
comment on function scheduler_private.read_content_line(text) is 'Takes a well-formed content line apart. One that begins with a rule part (FREQ=…) is an RRULE without its name.';
