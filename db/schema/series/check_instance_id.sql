create or replace function scheduler_private.check_instance_id(p_id text) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_id !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_\d{4}(0[1-9]|1[0-2])([0-2]\d|3[01])T([01]\d|2[0-3])[0-5]\d[0-5]\dZ$' then
    perform refuse('invalid_id', 'id', format('%L is neither a UUID nor the id of an instance.', left(p_id, 60)));
  elsif p_id like '________-____-____-____-_____________0000%'
    or substr(p_id, 44, 2)::integer > extract(day from make_date(substr(p_id, 38, 4)::integer, substr(p_id, 42, 2)::integer, 1) + interval '1 month - 1 day')
    or substr(p_id, 44, 2) = '00'
  then
    perform refuse('not_found', 'id', p_id);
  end if;
end
$$;
alter function scheduler_private.check_instance_id(text) owner to scheduler_owner;
revoke all on function scheduler_private.check_instance_id(text) from public;
comment on function scheduler_private.check_instance_id(text) is 'Raises invalid_id unless it has the form <UUID>_YYYYMMDDThhmmssZ, not_found when there is no such day.';
