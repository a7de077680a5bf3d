create table scheduler_private.timezones (
  name text primary key
);
alter table scheduler_private.timezones owner to scheduler_owner;
grant select on scheduler_private.timezones to scheduler_engine, scheduler_api;
comment on table scheduler_private.timezones is 'UTC and the Area/Location names that both Postgres and Node know; kept by set-up (db/timezones.ts). Postgres alone would take FOO+3 for a zone.';
