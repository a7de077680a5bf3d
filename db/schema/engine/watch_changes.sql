create or replace function scheduler_private.watch_changes() returns void
language sql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
  update watches set watched_until = clock_timestamp() + interval '15 seconds'
$$;
alter function scheduler_private.watch_changes() owner to scheduler_engine;
revoke all on function scheduler_private.watch_changes() from public;
grant execute on function scheduler_private.watch_changes() to scheduler_api;
comment on function scheduler_private.watch_changes() is 'For 15 seconds from now every change of events is notified on the channel scheduler_changes. A statement that began before is not.';
