create or replace view scheduler.events with (security_invoker = true) as
select
  e.id,
  scheduler_private.format_moment(case when e.recurs and s.starts_as_instant then null else e.scheduled_local end, e.scheduled_instant, e.scheduled_second_pass) as scheduled_at,
  e.scheduled_instant,
  e.timezone,
  c.payload,
  e.destination_topic,
  scheduler_private.format_moment(e.ends_local, e.ends_instant, e.ends_second_pass) as ends_at,
  coalesce(p.gap, e.gap) as gap,
  case when p.id is null then e.overlap else p.overlap end as overlap,
  scheduler_private.format_duration(e.max_lateness) as max_lateness,
  c.key,
  c.headers,
  e.status,
  e.retry,
  e.last_error,
  e.owner,
  e.created_at,
  e.updated_at,
  e.published_at,
  nullif(case when e.recurs then least(e.due_at, (select min(x.due_at) from scheduler_private.events x where x.series_id = e.id))
    else e.due_at end, 'infinity') as next_at,
  case when e.recurs then s.recurrence end as recurrence,
  s.missed,
  e.series_id as recurrence_id
from scheduler_private.events e
left join scheduler_private.event_contents c on c.event_id = e.id
left join scheduler_private.events p on p.id = e.series_id
left join scheduler_private.series s on s.event_id = case when e.recurs then e.id else e.series_id end;
alter view scheduler.events owner to scheduler_owner;
grant select on scheduler.events to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.events is E'@primaryKey id\n@omit all,many\nAn event: bytes for a Kafka topic at an instant, or at every occurrence of a recurrence.';
comment on column scheduler.events.id is E'@notNull\nA UUID; of an instance of a series <series id>_<original start in UTC, basic format>.';
comment on column scheduler.events.scheduled_at is E'@notNull\nWhen it is to be published, as it was given: wall time in timezone, or an instant with Z.';
comment on column scheduler.events.scheduled_instant is E'@notNull\nThe same in UTC.';
comment on column scheduler.events.timezone is E'@notNull\nIANA time zone name.';
comment on column scheduler.events.payload is 'The value of the Kafka message. Hidden from readers.';
comment on column scheduler.events.destination_topic is E'@notNull\nKafka topic.';
comment on column scheduler.events.ends_at is 'When what it announces ends, as it was given. Informational.';
comment on column scheduler.events.gap is E'@notNull\nWhat a local time means that a clock change skips.';
comment on column scheduler.events.overlap is 'What a local time means that a clock change repeats; null for a series: first, for HOURLY and finer rules both.';
comment on column scheduler.events.max_lateness is 'ISO 8601 duration; later than this it is not published any more.';
comment on column scheduler.events.key is 'Key of the Kafka message; null: the id of the event, for an instance of its series. Hidden from readers.';
comment on column scheduler.events.headers is 'Headers of the Kafka message that the caller gave. Hidden from readers.';
comment on column scheduler.events.status is E'@notNull\nWhere it stands.';
comment on column scheduler.events.retry is E'@notNull\nRejected attempts so far.';
comment on column scheduler.events.last_error is 'Code of the last rejection; missed when it was passed over.';
comment on column scheduler.events.owner is E'@notNull\nThe identity that created it.';
comment on column scheduler.events.created_at is E'@notNull\nWhen it was created.';
comment on column scheduler.events.updated_at is E'@notNull\nWhen it last changed.';
comment on column scheduler.events.published_at is 'When it was confirmed to be on its topic.';
comment on column scheduler.events.next_at is 'When it will be published next; null: never again, or a series that is not expanded yet.';
comment on column scheduler.events.recurrence is 'RRULE, RDATE and EXDATE lines of RFC 5545 of a series.';
comment on column scheduler.events.missed is 'Of a series: which occurrences are published that are overdue by more than a minute; null: all.';
comment on column scheduler.events.recurrence_id is 'Of an instance: its series.';
