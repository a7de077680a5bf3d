create or replace function scheduler_private.read_recurrence(p_recurrence text, p_index bigint default null) returns text
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error constant recurrence_error := find_recurrence_error(p_recurrence);
begin
  if v_error is not null then
    perform refuse('invalid_recurrence', input_path(p_index, 'recurrence'), v_error.part || ' ' || v_error.problem || '. ' || v_error.remedy);
  end if;
  return p_recurrence;
end
$$;
alter function scheduler_private.read_recurrence(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_recurrence(text, bigint) from public;
comment on function scheduler_private.read_recurrence(text, bigint) is 'A recurrence as RFC 5545 writes it; the detail of the error names the part and what would be right.';
