create or replace view scheduler.failed with (security_invoker = true) as
select e.id, e.updated_at as failed_at, e.last_error, a.message, e.destination_topic, e.owner, e.scheduled_instant, e.series_id as recurrence_id
from scheduler_private.events e
left join scheduler_private.attempts a on a.event_id = e.id and a.attempt = e.retry
where e.status = 'FAILED';
alter view scheduler.failed owner to scheduler_owner;
grant select on scheduler.failed to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.failed is E'@omit\nEvents and instances that were not published, and why, until retention takes them. Read by an index of its own.';
comment on column scheduler.failed.id is 'Of an event, a series or an instance.';
comment on column scheduler.failed.failed_at is 'When it became FAILED.';
comment on column scheduler.failed.last_error is 'Code of the reason.';
comment on column scheduler.failed.message is 'What the broker, or the check in front of it, said to the last attempt; null: it failed without one.';
comment on column scheduler.failed.destination_topic is 'Kafka topic.';
comment on column scheduler.failed.owner is 'The identity that created it.';
comment on column scheduler.failed.scheduled_instant is 'When it was to be published.';
comment on column scheduler.failed.recurrence_id is 'Of an instance: its series.';
