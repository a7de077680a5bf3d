create or replace function scheduler_private.refuse(
  p_code text,
  p_field text default '',
  p_detail text default ''
) returns void
language plpgsql stable security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error error_codes;
begin
  select * into strict v_error from error_codes where code = p_code;
  raise exception using
    errcode = v_error.sqlstate,
    message = v_error.title,
    detail = coalesce(p_detail, ''),
    hint = v_error.hint,
    column = coalesce(p_field, ''),
    constraint = v_error.code;
end
$$;
alter function scheduler_private.refuse(text, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.refuse(text, text, text) from public;
grant execute on function scheduler_private.refuse(text, text, text) to scheduler_engine, scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.refuse(text, text, text) is 'Raises one of error_codes: the field at fault travels as COLUMN_NAME, the code as CONSTRAINT_NAME.';
