create or replace function scheduler_private.register_exceptions() returns trigger
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_instant timestamptz;
  v_timezone text;
  v_occurrence occurrence;
begin
  v_instant := instant_of(new.id);
  select o.* into v_occurrence from series s cross join unnest(s.pending) o
  where s.event_id = new.series_id and o.instant = v_instant;
  if not found then
    select e.timezone into strict v_timezone from events e where e.id = new.series_id;
    v_occurrence.wall := v_instant at time zone v_timezone;
    v_occurrence.second_pass := is_second_pass(v_occurrence.wall, v_instant, v_timezone);
  end if;
  insert into exceptions (event_id, series_id, original_instant, original_wall, original_second_pass)
    values (new.id, new.series_id, v_instant, v_occurrence.wall, v_occurrence.second_pass);
  update series s set
    pending = array(select o from unnest(s.pending) o where o.instant <> v_instant order by o.instant),
    version = s.version + 1
  where s.event_id = new.series_id;
  perform reckon_series(array[new.series_id]);
  return null;
end
$$;
alter function scheduler_private.register_exceptions() owner to scheduler_engine;
revoke all on function scheduler_private.register_exceptions() from public;
comment on function scheduler_private.register_exceptions() is 'Trigger: an exception takes the place of its occurrence, which its series does not publish any more.';

create trigger register_exceptions after insert on scheduler_private.events
  for each row when (new.series_id is not null)
  execute function scheduler_private.register_exceptions();
alter table scheduler_private.events enable always trigger register_exceptions;
