create table scheduler_private.revisions (
  series_id text collate "C" not null references scheduler_private.series on delete cascade,
  number integer not null,
  closed_at timestamptz not null,
  scheduled_local timestamp not null,
  timezone text not null,
  recurrence text not null,
  gap text not null,
  overlap text,
  primary key (series_id, number)
);
alter table scheduler_private.revisions owner to scheduler_owner;
alter table scheduler_private.revisions enable row level security;
alter table scheduler_private.revisions force row level security;
comment on table scheduler_private.revisions is 'Former rules of series: occurrences up to closed_at, and after the revision before closed, follow them; so that the past of a series never has to be guessed from its present rule.';
comment on column scheduler_private.revisions.number is 'From 1, in order.';
grant select on scheduler_private.revisions to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader, scheduler_engine;
