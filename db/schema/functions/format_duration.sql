create or replace function scheduler_private.format_duration(p_duration interval) returns text
language sql stable strict parallel safe
set intervalstyle = iso_8601
set search_path = pg_catalog, pg_temp
as $$
  select p_duration::text
$$;
alter function scheduler_private.format_duration(interval) owner to scheduler_owner;
revoke all on function scheduler_private.format_duration(interval) from public;
grant execute on function scheduler_private.format_duration(interval) to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on function scheduler_private.format_duration(interval) is 'ISO 8601, such as PT15M.';
