create table scheduler_private.series (
  event_id text collate "C" primary key references scheduler_private.events on delete cascade,
  owner text not null,
  recurrence text not null,
  missed text constraint series_missed check (missed in ('all', 'latest', 'skip')),
  starts_as_instant boolean not null,
  revision integer not null default 1,
  pending scheduler_private.occurrence[] not null default '{}',
  exhausted boolean not null default false,
  watermark scheduler_private.occurrence,
  judged_until timestamptz,
  published boolean not null default false,
  failed boolean not null default false,
  tz_version text,
  version bigint not null default 0
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_insert_scale_factor = 0.1);
alter table scheduler_private.series owner to scheduler_owner;
alter table scheduler_private.series alter column pending set compression lz4;
alter table scheduler_private.series enable row level security;
alter table scheduler_private.series force row level security;
comment on table scheduler_private.series is 'What an event has that recurs. Its present rule is here and, with scheduled_local, timezone, gap and overlap, in events; former ones are in revisions.';
comment on column scheduler_private.series.owner is 'Owner of the event, for row level security.';
comment on column scheduler_private.series.recurrence is 'RRULE, RDATE and EXDATE lines of RFC 5545.';
comment on column scheduler_private.series.missed is 'What is published of occurrences that are overdue by more than a minute; null: not given, which is all.';
comment on column scheduler_private.series.starts_as_instant is 'Whether scheduled_at was an instant; its wall time repeats all the same.';
comment on column scheduler_private.series.revision is 'Number of the present rule.';
comment on column scheduler_private.series.pending is 'The next occurrences, in order, as far as they are expanded; those that have an exception are left out.';
comment on column scheduler_private.series.exhausted is 'Whether nothing comes after pending.';
comment on column scheduler_private.series.watermark is 'Everything up to it was published, passed over or made an exception. Null: nothing yet.';
comment on column scheduler_private.series.judged_until is 'Pending occurrences up to here were kept by the rule of missed, however late they are.';
comment on column scheduler_private.series.published is 'Whether an occurrence was published.';
comment on column scheduler_private.series.failed is 'Whether occurrences were passed over that could not be published.';
comment on column scheduler_private.series.tz_version is 'Version of the time zone database that pending comes from; null: never expanded.';
comment on column scheduler_private.series.version is 'Grows with every change, so that what was expanded from an older state is not stored.';
grant select on scheduler_private.series to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update, delete on scheduler_private.series to scheduler_engine;

create index series_by_tz_version on scheduler_private.series (tz_version);

alter table scheduler_private.events add constraint events_series_id_fkey
  foreign key (series_id) references scheduler_private.series on delete cascade;
