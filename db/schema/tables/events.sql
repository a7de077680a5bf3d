create table scheduler_private.events (
  id text collate "C" primary key,
  owner text not null,
  lane smallint not null,
  status scheduler.event_status not null default 'SCHEDULED',
  retry smallint not null default 0,
  scheduled_second_pass boolean not null default false,
  ends_second_pass boolean not null default false,
  scheduled_instant timestamptz not null,
  due_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  published_at timestamptz,
  scheduled_local timestamp,
  ends_local timestamp,
  ends_instant timestamptz,
  timezone text not null,
  destination_topic text not null,
  gap text not null default 'shift',
  overlap text default 'first',
  max_lateness interval,
  last_error text,
  content_hash bytea not null,
  recurs boolean not null default false,
  series_id text collate "C",
  expand_by timestamptz,

  -- Cheap, because every status change evaluates it; the topic's name is checked by trigger.
  constraint events_id_is_a_uuid
    check (case when series_id is null then id = id::uuid::text else left(id, 37) = series_id || '_' and length(id) = 53 end),
  constraint events_gap check (gap = 'shift' or recurs and gap = 'skip'),
  constraint events_overlap check (case when recurs then overlap in ('first', 'last', 'both') else coalesce(overlap in ('first', 'last'), false) end),
  constraint events_recur_by_wall_time check (not recurs or scheduled_local is not null),
  constraint events_recur_or_are_exceptions check (not recurs or series_id is null),
  constraint events_expand_while_scheduled check (expand_by is null or recurs and status = 'SCHEDULED'),
  constraint events_second_pass_is_local
    check ((scheduled_local is not null or not scheduled_second_pass)
      and (ends_local is not null or not ends_second_pass)),
  constraint events_end_is_not_before_the_start check (ends_instant >= scheduled_instant),
  constraint events_end_has_an_instant check (ends_local is null or ends_instant is not null),
  constraint events_max_lateness check (max_lateness >= '0'),
  constraint events_are_due_while_scheduled check ((due_at is not null) = (status = 'SCHEDULED')),
  constraint events_are_not_due_early check (recurs or due_at >= scheduled_instant),
  constraint events_published_have_their_time check ((published_at is not null) = (status = 'PUBLISHED')),
  constraint events_failed_say_why check (status <> 'FAILED' or last_error is not null),
  constraint events_scheduled_have_attempts_left check (retry between 0 and 3 and (status <> 'SCHEDULED' or retry <= 2))
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.05);
alter table scheduler_private.events owner to scheduler_owner;
alter table scheduler_private.events enable row level security;
alter table scheduler_private.events force row level security;

create index events_due on scheduler_private.events (lane, due_at) where due_at is not null;
create index events_final on scheduler_private.events (updated_at) where due_at is null and series_id is null;
create index events_changed on scheduler_private.events (updated_at) where (due_at is not null or series_id is not null) and updated_at > created_at;
create index events_to_expand on scheduler_private.events (lane, expand_by) where expand_by is not null;
create index events_of_series on scheduler_private.events (series_id, scheduled_instant, id) where series_id is not null;
create index events_failed on scheduler_private.events (id) where status = 'FAILED';
create index events_canceled on scheduler_private.events (id) where status = 'CANCELED';

comment on table scheduler_private.events is 'Every event and its state; what is sent is in event_contents. Read it through scheduler.events.';
comment on column scheduler_private.events.owner is 'Identity that created it.';
comment on column scheduler_private.events.lane is 'Hash of its key: order holds within a lane.';
comment on column scheduler_private.events.retry is 'Rejected attempts so far.';
comment on column scheduler_private.events.scheduled_local is 'Wall time in timezone, the truth for events that were given one; null: an instant was given.';
comment on column scheduler_private.events.scheduled_second_pass is 'Of two instants with this wall time the later one was named, by its offset.';
comment on column scheduler_private.events.scheduled_instant is 'When it is to be published.';
comment on column scheduler_private.events.due_at is 'When the relay has work with it: its instant, its next attempt, the next occurrence of a series. Infinity: not before something else has happened (expansion of a series, the end of its exceptions). Null once it is final.';
comment on column scheduler_private.events.overlap is 'Null for a series: first, for HOURLY and finer rules both.';
comment on column scheduler_private.events.recurs is 'Whether it is a series; the rest of it is in the table series.';
comment on column scheduler_private.events.series_id is 'The series that it is an exception of.';
comment on column scheduler_private.events.expand_by is 'A series whose next occurrences the relay is to work out: the earlier, the sooner. Null: they are known, or there are none.';
comment on column scheduler_private.events.updated_at is 'Last change; for a final event when it became final.';
comment on column scheduler_private.events.max_lateness is 'Not published later than this after its instant.';
comment on column scheduler_private.events.last_error is 'Code of the last rejection; missed when it was passed over.';
comment on column scheduler_private.events.content_hash is 'SHA-256 of its first creation, so that a repeated creation is told from another event.';
grant select on scheduler_private.events to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update, delete on scheduler_private.events to scheduler_engine;
