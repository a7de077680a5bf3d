create table scheduler_private.passed_ranges (
  series_id text collate "C" not null references scheduler_private.series on delete cascade,
  after_instant timestamptz not null,
  until_instant timestamptz not null,
  reason text not null constraint passed_ranges_reason check (reason in ('missed', 'topic_not_granted', 'no_contents')),
  primary key (series_id, until_instant),
  constraint passed_ranges_are_not_empty check (after_instant < until_instant)
);
alter table scheduler_private.passed_ranges owner to scheduler_owner;
alter table scheduler_private.passed_ranges enable row level security;
alter table scheduler_private.passed_ranges force row level security;
comment on table scheduler_private.passed_ranges is 'Stretches of a series whose occurrences were not published, one row each, after_instant exclusive and until_instant inclusive.';
comment on column scheduler_private.passed_ranges.reason is 'Their lastError: missed ones read CANCELED, all others FAILED.';
grant select on scheduler_private.passed_ranges to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update on scheduler_private.passed_ranges to scheduler_engine;
