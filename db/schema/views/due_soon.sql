create or replace view scheduler.due_soon with (security_invoker = true) as
select e.id, e.due_at, e.destination_topic, e.owner, e.lane, e.retry, e.recurs
from scheduler_private.lanes l
-- Lane by lane, as the index is: however many wait for later, they are not looked at.
cross join lateral (
  select * from scheduler_private.events x
  where x.lane = l.lane and x.due_at >= now() and x.due_at < now() + interval '1 hour'
  order by x.due_at offset 0
) e;
alter view scheduler.due_soon owner to scheduler_owner;
grant select on scheduler.due_soon to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.due_soon is E'@omit\nWhat the relays have to do within the next hour. Read by index: it costs what is due in that hour.';
comment on column scheduler.due_soon.id is 'Of an event or a series.';
comment on column scheduler.due_soon.due_at is 'Its instant, its next attempt, or the next occurrence of a series.';
comment on column scheduler.due_soon.destination_topic is 'Kafka topic.';
comment on column scheduler.due_soon.owner is 'The identity that created it.';
comment on column scheduler.due_soon.lane is 'Its lane, see scheduler.lanes.';
comment on column scheduler.due_soon.retry is 'Rejected attempts so far.';
comment on column scheduler.due_soon.recurs is 'Whether it is a series.';
