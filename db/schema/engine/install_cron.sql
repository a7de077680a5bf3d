create or replace function scheduler_private.install_cron() returns text
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_version integer[];
  v_seconds boolean;
  v_job record;
begin
  select regexp_match(extversion, '^(\d+)\.(\d+)')::integer[] into v_version
  from pg_extension where extname = 'pg_cron';
  if not found then
    return null;
  end if;
  v_seconds := v_version >= array[1, 5];
  for v_job in
    select * from (values
      ('scheduler tick', case when v_seconds then '1 second' else '* * * * *' end,
        case when v_seconds then 'select scheduler_private.tick()' else 'call scheduler_private.tick_for_a_minute()' end),
      ('scheduler time zones', '37 * * * *', 'call scheduler_private.follow_timezone_database()'),
      ('scheduler retention', '* * * * *', 'select scheduler_private.delete_expired_events()'),
      ('scheduler cron history', '17 * * * *', 'delete from cron.job_run_details where end_time < now() - interval ''1 day''')
    ) as job (name, schedule, command)
  loop
    -- Dynamic, because the schema cron is there only where the extension is.
    execute format('select cron.schedule(%L, %L, %L)', v_job.name, v_job.schedule, v_job.command);
  end loop;
  return case when v_seconds then 'every second' else 'every second, in jobs of a minute' end;
end
$$;
alter function scheduler_private.install_cron() owner to scheduler_owner;
revoke all on function scheduler_private.install_cron() from public;
comment on function scheduler_private.install_cron() is 'Schedules tick, retention and the look at the time zone database with pg_cron; may be run again at any time. Returns how the tick runs, null where pg_cron is not installed in this database. The jobs belong to who calls it.';
