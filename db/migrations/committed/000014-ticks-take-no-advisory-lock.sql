--! Previous: sha1:1a7630610c6695ac1d975ae6bfece878244b577a
--! Hash: sha1:24d2b767dfeebeef9a853c92503dde6f9bf5e217
--! Message: ticks take no advisory lock

-- Enter migration here
--! Included engine/tick_for_a_minute.sql
create or replace procedure scheduler_private.tick_for_a_minute()
language plpgsql
as $$
declare
  v_until constant timestamptz := date_trunc('minute', clock_timestamp()) + interval '1 minute';
begin
  while clock_timestamp() < v_until loop
    -- Runs that overlap tick in turn and none waits. A row and no advisory lock, which any login role could take.
    perform from scheduler_private.ticks for no key update skip locked;
    if found then
      perform scheduler_private.tick();
    end if;
    commit;
    perform pg_sleep(least(1, greatest(0, extract(epoch from v_until - clock_timestamp()))));
  end loop;
end
$$;
alter procedure scheduler_private.tick_for_a_minute() owner to scheduler_owner;
revoke all on procedure scheduler_private.tick_for_a_minute() from public;
comment on procedure scheduler_private.tick_for_a_minute() is 'A tick every second until the minute is over, for pg_cron below 1.5, whose jobs start at whole minutes. A procedure that commits takes neither SECURITY DEFINER nor SET: every name is qualified.';
--! EndIncluded engine/tick_for_a_minute.sql
