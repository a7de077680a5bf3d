create or replace function scheduler_private.install_cron() returns text
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_version integer[];
  v_seconds boolean;
begin
  select regexp_match(extversion, '^(\d+)\.(\d+)')::integer[] into v_version
  from pg_extension where extname = 'pg_cron';
  if not found then
    return null;
  end if;
  v_seconds := v_version >= array[1, 5];
  -- Dynamic, because the schema cron is there only where the extension is.
  if v_seconds then
    execute $cron$ select cron.schedule('scheduler tick', '1 second', 'select scheduler_private.tick()') $cron$;
  else
    execute $cron$ select cron.schedule('scheduler tick', '* * * * *', 'call scheduler_private.tick_for_a_minute()') $cron$;
  end if;
  execute $cron$ select cron.schedule('scheduler retention', '* * * * *', 'select scheduler_private.delete_expired_events()') $cron$;
  execute $cron$ select cron.schedule('scheduler cron history', '17 * * * *',
    'delete from cron.job_run_details where end_time < now() - interval ''1 day''') $cron$;
  return case when v_seconds then 'every second' else 'every minute, for a minute' end;
end
$$;
alter function scheduler_private.install_cron() owner to scheduler_owner;
revoke all on function scheduler_private.install_cron() from public;
comment on function scheduler_private.install_cron() is 'Schedules tick and retention with pg_cron; may be run again at any time. Returns how the tick runs, null where pg_cron is not installed in this database. The jobs belong to who calls it.';
