create or replace function scheduler.set_lane_count(lanes integer) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, scheduler, pg_temp
as $$
begin
  perform require_role('operator');
  if set_lane_count.lanes not between 1 and 1000 then
    perform refuse('invalid_event', 'lanes', 'Give 1 to 1000.');
  end if;
  lock table lanes, events in exclusive mode;
  if exists (select from batches) or exists (select from relays where alive_until > now()) then
    perform refuse('batches_open');
  end if;
  -- A relay that was stopped and not ended must not find its fence again.
  update lanes set fence = (select max(fence) + 1 from lanes), relay_id = null, lease_until = null;
  with dropped as (delete from lanes l where l.lane >= set_lane_count.lanes returning l.published)
    update lanes l set published = l.published + (select coalesce(sum(d.published), 0) from dropped d) where l.lane = 0;
  insert into lanes (lane, fence, ledger)
    select number, (select max(fence) from lanes), case when exists (select from deployment) then 'reseed' else 'unseeded' end
    from generate_series(0, set_lane_count.lanes - 1) as number
    on conflict do nothing;
  update events e set lane = lane_of(coalesce(c.key, e.series_id, e.id), set_lane_count.lanes)
    from event_contents c
    where c.event_id = e.id and e.due_at is not null
      and e.lane <> lane_of(coalesce(c.key, e.series_id, e.id), set_lane_count.lanes);
end
$$;
alter function scheduler.set_lane_count(integer) owner to scheduler_engine;
revoke all on function scheduler.set_lane_count(integer) from public;
grant execute on function scheduler.set_lane_count(integer) to scheduler_operator;
comment on function scheduler.set_lane_count(integer) is E'@omit\nChanges the number of lanes, with every relay stopped. Every waiting event is rewritten whose lane changes.';
