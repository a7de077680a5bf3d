-- The harness's own witness: every change of an event, by whomever, in order.
create schema chaos;

create table chaos.audit (
  number bigint generated always as identity primary key,
  id text not null,
  at timestamptz not null default clock_timestamp(),
  status_before text,
  retry_before integer,
  status_after text,
  retry_after integer
);

create function chaos.witness() returns trigger
language plpgsql security definer
set search_path = chaos, pg_temp
as $$
begin
  insert into audit (id, status_before, retry_before, status_after, retry_after)
  values (coalesce(new.id, old.id), old.status, old.retry, new.status, new.retry);
  return null;
end
$$;

create trigger witness after insert or update or delete on scheduler_private.events
  for each row execute function chaos.witness();
alter table scheduler_private.events enable always trigger witness;
