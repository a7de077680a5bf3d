create or replace function scheduler_private.read_headers(p_headers jsonb, p_index bigint) returns jsonb
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_path constant text := input_path(p_index, 'headers');
  v_name text;
  v_type text;
begin
  if jsonb_typeof(p_headers) <> 'object' then
    perform refuse('invalid_headers', v_path, 'Not an object.');
  end if;
  for v_name, v_type in select name, jsonb_typeof(value) from jsonb_each(p_headers) as header (name, value) loop
    if v_type <> 'string' then
      perform refuse('invalid_headers', v_path || '.' || v_name, 'The value is not a string.');
    elsif v_name = '' then
      perform refuse('invalid_headers', v_path, 'A name is empty.');
    elsif lower(v_name) like 'scheduler-%'
      or (lower(v_name) like 'ce\_%' and v_name not in ('ce_type', 'ce_source')) then
      perform refuse('invalid_headers', v_path || '.' || v_name, 'The name is reserved.');
    end if;
  end loop;
  return p_headers;
end
$$;
alter function scheduler_private.read_headers(jsonb, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_headers(jsonb, bigint) from public;
comment on function scheduler_private.read_headers(jsonb, bigint) is 'An object of strings whose names are the caller''s to give.';
