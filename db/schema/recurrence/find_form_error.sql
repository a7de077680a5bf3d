create or replace function scheduler_private.find_form_error(p_lines text[]) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  return (
    select l.error
    from (
      select t.i, find_content_line_error(t.line) as error
      from unnest(p_lines) with ordinality as t (line, i)
      -- Most are plainly well formed.
      where t.line !~ '^[A-Za-z0-9-]+[:=][ -~]*$'
    ) l
    where l.error is not null
    order by l.i
    limit 1);
end
$$;
alter function scheduler_private.find_form_error(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_form_error(text[]) from public;
comment on function scheduler_private.find_form_error(text[]) is 'The first line that is not well formed, and why; null: all are.';
