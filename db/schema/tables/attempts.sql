create table scheduler_private.attempts (
  event_id text collate "C" not null references scheduler_private.events on delete cascade,
  attempt smallint not null constraint attempts_are_numbered check (attempt between 1 and 3),
  attempted_at timestamptz not null,
  code text not null,
  message text not null,
  primary key (event_id, attempt)
);
alter table scheduler_private.attempts owner to scheduler_owner;
alter table scheduler_private.attempts enable row level security;
alter table scheduler_private.attempts force row level security;
comment on table scheduler_private.attempts is 'Rejected attempts: the broker, or the relay''s check in front of it, refused this event.';
comment on column scheduler_private.attempts.code is 'Stable name of the reason, such as unknown_topic.';
grant select on scheduler_private.attempts to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
grant select, insert on scheduler_private.attempts to scheduler_engine;
