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
  (select nullif(e.due_at, 'infinity') from scheduler_private.events e
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
comment on column scheduler.lanes.lane is 'Number, from 0.';
comment on column scheduler.lanes.relay is 'Host and process id of its owner; null: nobody owns it.';
comment on column scheduler.lanes.lease_until is 'Until when, unless the owner renews.';
comment on column scheduler.lanes.fence is 'Grows at each takeover.';
comment on column scheduler.lanes.quarantine_reason is 'Why it stands still until scheduler.resolve_quarantine.';
comment on column scheduler.lanes.quarantined_at is 'Since when.';
comment on column scheduler.lanes.batch_id is 'Its open batch.';
comment on column scheduler.lanes.batch_events is 'How many events that has.';
comment on column scheduler.lanes.batch_claimed_at is 'When it was claimed.';
comment on column scheduler.lanes.next_due_at is 'Its oldest instant that is not dealt with.';
comment on column scheduler.lanes.blocked_by_pids is 'Backends that it waits for.';
