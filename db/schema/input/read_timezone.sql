create or replace function scheduler_private.read_timezone(p_timezone text, p_index bigint) returns text
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
begin
  if not exists (select from timezones where name = p_timezone) then
    perform refuse('invalid_timezone', input_path(p_index, 'timezone'), format('%L is not known.', left(p_timezone, 60)));
  end if;
  return p_timezone;
end
$$;
alter function scheduler_private.read_timezone(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_timezone(text, bigint) from public;
comment on function scheduler_private.read_timezone(text, bigint) is 'A zone that Postgres and Node both know.';
