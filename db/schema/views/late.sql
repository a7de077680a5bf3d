create or replace view scheduler.late with (security_invoker = true) as
select e.id, e.due_at, now() - e.due_at as lateness, e.destination_topic, e.owner, e.lane, e.retry, e.last_error, e.recurs
from scheduler_private.lanes l
-- Lane by lane, as the index is.
cross join lateral (
  select * from scheduler_private.events x
  where x.lane = l.lane and x.due_at < now() - interval '1 second'
  order by x.due_at offset 0
) e;
alter view scheduler.late owner to scheduler_owner;
grant select on scheduler.late to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.late is E'@omit\nWhat has been due for more than a second and is not confirmed: none, if all is well. Read by index: it costs what is late.';
comment on column scheduler.late.id is 'Of an event or a series.';
comment on column scheduler.late.due_at is 'When it was to be dealt with.';
comment on column scheduler.late.lateness is 'How long ago that is.';
comment on column scheduler.late.destination_topic is 'Kafka topic.';
comment on column scheduler.late.owner is 'The identity that created it.';
comment on column scheduler.late.lane is 'Its lane; scheduler.lanes says whether it has an owner, is quarantined or held by a lock.';
comment on column scheduler.late.retry is 'Rejected attempts so far.';
comment on column scheduler.late.last_error is 'Code of the last rejection.';
comment on column scheduler.late.recurs is 'Whether it is a series.';
