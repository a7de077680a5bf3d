create table scheduler_private.exceptions (
  event_id text collate "C" primary key references scheduler_private.events on delete cascade,
  series_id text collate "C" not null references scheduler_private.series on delete cascade,
  original_instant timestamptz not null,
  original_wall timestamp not null,
  original_second_pass boolean not null,
  settled boolean not null default true
);
alter table scheduler_private.exceptions owner to scheduler_owner;
alter table scheduler_private.exceptions enable row level security;
alter table scheduler_private.exceptions force row level security;
comment on table scheduler_private.exceptions is 'Which occurrence of its series an exception takes the place of. The exception itself is an event.';
comment on column scheduler_private.exceptions.original_instant is 'The instant in its id. A new time zone database does not change it.';
comment on column scheduler_private.exceptions.original_wall is 'Wall time of the occurrence in its series'' zone, which finds it again when a new time zone database moves it.';
comment on column scheduler_private.exceptions.original_second_pass is 'Whether that is the later one of a doubled wall time.';
comment on column scheduler_private.exceptions.settled is 'False after a change of the rule: held back until the relay has said whether its original start is still an occurrence.';
grant select on scheduler_private.exceptions to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert, update, delete on scheduler_private.exceptions to scheduler_engine;

create index exceptions_by_wall on scheduler_private.exceptions (series_id, original_wall);
