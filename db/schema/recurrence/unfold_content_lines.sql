create or replace function scheduler_private.unfold_content_lines(p_text text) returns text[]
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  -- In this order: joining a folded line may put an end of line together.
  return (
    select coalesce(array_agg(l.line order by l.i), '{}')
    from string_to_table(replace(regexp_replace(p_text, '\r?\n[ \t]', '', 'g'), e'\r\n', e'\n'), e'\n') with ordinality as l (line, i)
    where l.line <> '');
end
$$;
alter function scheduler_private.unfold_content_lines(text) owner to scheduler_owner;
revoke all on function scheduler_private.unfold_content_lines(text) from public;
comment on function scheduler_private.unfold_content_lines(text) is 'The lines of a recurrence, which end with \n or \r\n: folded ones joined (RFC 5545 section 3.1), empty ones left out.';
