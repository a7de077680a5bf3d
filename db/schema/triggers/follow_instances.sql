create or replace function scheduler_private.follow_instances() returns trigger
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
begin
  if new.recurs then
    update events x set status = 'CANCELED' where x.series_id = new.id and x.status = 'SCHEDULED';
  else
    perform lock_series(array[new.series_id]);
    perform reckon_series(array[new.series_id]);
  end if;
  return null;
end
$$;
alter function scheduler_private.follow_instances() owner to scheduler_owner;
revoke all on function scheduler_private.follow_instances() from public;
comment on function scheduler_private.follow_instances() is 'Trigger, whoever made the change: a series that is cancelled takes its scheduled exceptions along, and one whose last instance became final is finished.';

create trigger follow_instances after update on scheduler_private.events
  for each row when (old.status = 'SCHEDULED' and new.status <> 'SCHEDULED'
    and (new.series_id is not null or new.recurs and new.status = 'CANCELED'))
  execute function scheduler_private.follow_instances();
alter table scheduler_private.events enable always trigger follow_instances;
