create or replace function scheduler_private.delete_expired_events(p_limit integer default 10000, p_now timestamptz default null) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_deleted integer;
begin
  with expired as (
    select e.id from events e, settings s
    where e.due_at is null and e.series_id is null and e.updated_at < coalesce(p_now, now()) - s.retention
    order by e.updated_at
    limit p_limit
    for update of e skip locked
  )
  delete from events e using expired where e.id = expired.id;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
alter function scheduler_private.delete_expired_events(integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.delete_expired_events(integer, timestamptz) from public;
comment on function scheduler_private.delete_expired_events(integer, timestamptz) is 'Retention: deletes up to p_limit events that have been final for longer than settings.retention, the oldest first, exceptions with their series, and returns how many.';
