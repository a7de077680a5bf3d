create or replace function scheduler_private.tick(p_now timestamptz default null) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_lanes integer;
  v_oldest timestamptz;
begin
  update lanes l set relay_id = null, lease_until = null
  from (select k.lane from lanes k where k.lease_until < v_now for no key update skip locked) expired
  where l.lane = expired.lane;

  select count(pg_notify('scheduler_lanes', l.lane::text)), min(due.due_at) filter (where due.due_at < v_now)
    into v_lanes, v_oldest
    from lanes l
    cross join settings s
    left join lateral (
      select e.due_at from events e where e.lane = l.lane and e.due_at is not null order by e.due_at limit 1
    ) due on true
    where due.due_at <= v_now + s.horizon
      or exists (select from events e where e.lane = l.lane and e.expand_by is not null);
  insert into throughput_samples (minute, published)
    select date_trunc('minute', v_now), sum(l.published) from lanes l
    on conflict do nothing;
  if found then
    delete from throughput_samples t where t.minute < v_now - interval '7 days';
  end if;
  update ticks set ticked_at = v_now, oldest_due_at = v_oldest;
  return v_lanes;
end
$$;
alter function scheduler_private.tick(timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.tick(timestamptz) from public;
comment on function scheduler_private.tick(timestamptz) is 'Notifies every lane that has work now or soon, or series to expand, frees lanes whose lease has expired, and notes what is overdue and, once a minute, how much was published. Returns how many lanes were notified.';
