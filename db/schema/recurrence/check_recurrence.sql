create or replace function scheduler_private.check_recurrence(p_recurrence text, p_field text default 'recurrence') returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error constant recurrence_error := find_recurrence_error(p_recurrence);
begin
  if v_error is not null then
    perform refuse('invalid_recurrence', p_field, v_error.part || ' ' || v_error.problem || '. ' || v_error.remedy);
  end if;
end
$$;
alter function scheduler_private.check_recurrence(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_recurrence(text, text) from public;
comment on function scheduler_private.check_recurrence(text, text) is 'Raises invalid_recurrence unless a text is a recurrence as RFC 5545 writes it; the detail names the part and what would be right.';
