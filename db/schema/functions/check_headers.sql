create or replace function scheduler_private.check_headers(p_headers jsonb, p_path text) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_name text;
  v_type text;
begin
  if jsonb_typeof(p_headers) <> 'object' then
    perform refuse('invalid_headers', p_path || 'headers', 'Not an object.');
  end if;
  for v_name, v_type in select name, jsonb_typeof(value) from jsonb_each(p_headers) as header (name, value) loop
    if v_type <> 'string' then
      perform refuse('invalid_headers', p_path || 'headers.' || v_name, 'The value is not a string.');
    elsif v_name = '' then
      perform refuse('invalid_headers', p_path || 'headers', 'A name is empty.');
    elsif lower(v_name) like 'scheduler-%'
      or (lower(v_name) like 'ce\_%' and v_name not in ('ce_type', 'ce_source')) then
      perform refuse('invalid_headers', p_path || 'headers.' || v_name, 'The name is reserved.');
    end if;
  end loop;
end
$$;
alter function scheduler_private.check_headers(jsonb, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_headers(jsonb, text) from public;
comment on function scheduler_private.check_headers(jsonb, text) is 'Raises invalid_headers unless they are an object of strings whose names are the caller''s to give.';
