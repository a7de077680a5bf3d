create or replace function scheduler.schema_version() returns integer
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select 3
$$;
alter function scheduler.schema_version() owner to scheduler_owner;
revoke all on function scheduler.schema_version() from public;
grant execute on function scheduler.schema_version() to scheduler_api, scheduler_relay, scheduler_operator, scheduler_reader;
comment on function scheduler.schema_version() is E'@omit\nVersion of this schema: programs work with their own and the one before.';
