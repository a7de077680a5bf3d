create type scheduler.event_input as (
  id text,
  scheduled_at text,
  timezone text,
  payload bytea,
  destination_topic text,
  ends_at text,
  recurrence text,
  gap text,
  overlap text,
  missed text,
  max_lateness text,
  key text,
  headers jsonb
);
alter type scheduler.event_input owner to scheduler_owner;
comment on type scheduler.event_input is 'An event as its producer gives it. Absent optional fields are null.';
comment on column scheduler.event_input.id is 'A UUID chosen by the caller; absent: the server makes one (version 7).';
comment on column scheduler.event_input.scheduled_at is E'@notNull\nRFC 3339 date-time. With Z or an offset: that instant. Without: wall time in timezone.';
comment on column scheduler.event_input.timezone is 'IANA time zone name, default UTC.';
comment on column scheduler.event_input.payload is E'@notNull\nThe value of the Kafka message, byte for byte. May be empty.';
comment on column scheduler.event_input.destination_topic is E'@notNull\nKafka topic.';
comment on column scheduler.event_input.ends_at is 'RFC 3339 date-time, not before scheduled_at. Informational.';
comment on column scheduler.event_input.recurrence is 'RRULE, RDATE and EXDATE lines of RFC 5545, separated by newlines: then scheduled_at is DTSTART, whose wall time repeats in timezone.';
comment on column scheduler.event_input.gap is 'What a local time means that a clock change skips: shift (default) or, for series, skip.';
comment on column scheduler.event_input.overlap is 'What a local time means that a clock change repeats: first (default), last or, for series, both (default for HOURLY and finer rules).';
comment on column scheduler.event_input.missed is 'Series only: which of the occurrences are published that are overdue by more than a minute: all (default), latest, skip.';
comment on column scheduler.event_input.max_lateness is 'ISO 8601 duration; later than this an event or instance is not published any more.';
comment on column scheduler.event_input.key is 'Key of the Kafka message, default the id of the event, for an instance of its series. Messages of one key keep the order of their instants.';
comment on column scheduler.event_input.headers is 'Headers of the Kafka message: an object of strings.';
