create or replace view scheduler.attempts with (security_invoker = true) as
select event_id, attempt, attempted_at, code, message from scheduler_private.attempts;
alter view scheduler.attempts owner to scheduler_owner;
grant select on scheduler.attempts to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
comment on view scheduler.attempts is E'@primaryKey event_id,attempt\n@omit all,many\nA rejected attempt: the broker, or the relay''s check in front of it, refused this event.';
comment on column scheduler.attempts.event_id is E'@notNull\nThe event, or the exception that an occurrence became.';
comment on column scheduler.attempts.attempt is E'@notNull\nNumber, from 1; the third is the last.';
comment on column scheduler.attempts.attempted_at is E'@notNull\nWhen.';
comment on column scheduler.attempts.code is E'@notNull\nStable name of the reason, such as unknown_topic.';
comment on column scheduler.attempts.message is E'@notNull\nWhat the broker said.';
