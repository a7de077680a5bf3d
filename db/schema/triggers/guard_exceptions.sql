create or replace function scheduler_private.guard_exceptions() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_series events;
begin
  -- Before anything is looked at: whoever changes an instance holds its series, as a claim does.
  select * into v_series from events e where e.id = new.series_id and e.recurs for no key update;
  if not found then
    perform refuse('not_found', 'recurrenceId', left(new.series_id, 60));
  elsif v_series.status <> 'SCHEDULED' then
    perform refuse('final', 'status', format('%s is %s.', v_series.id, v_series.status));
  elsif new.owner <> v_series.owner then
    perform refuse('immutable', 'owner', format('An exception has the owner of its series, %s.', v_series.owner));
  elsif new.id <> instance_id(new.series_id, instant_of(new.id)) then
    perform refuse('invalid_id', 'id', format('%L is no instance of %s.', new.id, new.series_id));
  elsif current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    perform refuse('isolation_level');
  elsif current_user <> 'scheduler_engine' then
    perform refuse_in_flight(new.series_id);
  end if;
  return new;
end
$$;
alter function scheduler_private.guard_exceptions() owner to scheduler_owner;
revoke all on function scheduler_private.guard_exceptions() from public;
comment on function scheduler_private.guard_exceptions() is 'Trigger: an exception belongs to a series that is SCHEDULED and of which nothing is being published.';

create trigger guard_exceptions before insert on scheduler_private.events
  for each row when (new.series_id is not null)
  execute function scheduler_private.guard_exceptions();
alter table scheduler_private.events enable always trigger guard_exceptions;
