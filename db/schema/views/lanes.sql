create or replace view scheduler.lanes as
select
  l.lane,
  r.label as relay,
  l.lease_until,
  l.fence,
  l.quarantine_reason,
  l.quarantined_at,
  b.id as batch_id,
  cardinality(b.event_ids) as batch_events,
  b.claimed_at as batch_claimed_at,
  (select e.due_at from scheduler_private.events e
    where e.lane = l.lane and e.due_at is not null order by e.due_at limit 1) as next_due_at,
  (select array_agg(distinct blocker order by blocker)
    from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) as blocker
    where a.datname = current_database()
      and a.application_name = 'scheduler relay lane ' || l.lane) as blocked_by_pids
from scheduler_private.lanes l
left join scheduler_private.relays r on r.id = l.relay_id
left join scheduler_private.batches b on b.lane = l.lane;
alter view scheduler.lanes owner to scheduler_engine;
grant select on scheduler.lanes to scheduler_api, scheduler_operator, scheduler_reader;
comment on view scheduler.lanes is E'@omit\nHow each lane does. blocked_by_pids: backends whose row locks hold the lane, such as a DBA''s open transaction.';
