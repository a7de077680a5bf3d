create or replace procedure scheduler_private.tick_for_a_minute()
language plpgsql
as $$
declare
  v_lock constant bigint := hashtextextended('scheduler_private.tick_for_a_minute', 0);
  v_until constant timestamptz := date_trunc('minute', clock_timestamp()) + interval '1 minute';
begin
  -- Of the session, which is the job's own: a run that is late to end keeps the next one from piling up.
  if not pg_try_advisory_lock(v_lock) then
    return;
  end if;
  while clock_timestamp() < v_until loop
    perform scheduler_private.tick();
    commit;
    perform pg_sleep(least(1, greatest(0, extract(epoch from v_until - clock_timestamp()))));
  end loop;
  perform pg_advisory_unlock(v_lock);
end
$$;
alter procedure scheduler_private.tick_for_a_minute() owner to scheduler_owner;
revoke all on procedure scheduler_private.tick_for_a_minute() from public;
comment on procedure scheduler_private.tick_for_a_minute() is 'A tick every second until the minute is over, for pg_cron below 1.5, whose jobs start at whole minutes. A procedure that commits takes neither SECURITY DEFINER nor SET: every name is qualified.';
