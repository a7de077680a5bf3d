create or replace function scheduler_private.few_have(p_status scheduler.event_status, p_most integer) returns boolean
language plpgsql stable security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_found bigint;
begin
  -- By the partial indexes of these statuses.
  if p_status = 'SCHEDULED' then
    select count(*) into v_found from (select from events e where e.due_at is not null limit p_most + 1) e;
  elsif p_status = 'FAILED' then
    select count(*) into v_found from (select from events e where e.status = 'FAILED' limit p_most + 1) e;
  elsif p_status = 'CANCELED' then
    select count(*) into v_found from (select from events e where e.status = 'CANCELED' limit p_most + 1) e;
  end if;
  return v_found <= p_most;
end
$$;
alter function scheduler_private.few_have(scheduler.event_status, integer) owner to scheduler_engine;
revoke all on function scheduler_private.few_have(scheduler.event_status, integer) from public;
grant execute on function scheduler_private.few_have(scheduler.event_status, integer) to scheduler_api;
comment on function scheduler_private.few_have(scheduler.event_status, integer) is 'Whether at most so many events, of whoever, have a status other than PUBLISHED: then all of them may be looked at.';
