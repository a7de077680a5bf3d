create table scheduler_private.timezone_database (
  only_row boolean primary key default true constraint timezone_database_has_one_row check (only_row),
  fingerprint bytea,
  followed_at timestamptz
);
alter table scheduler_private.timezone_database owner to scheduler_owner;
insert into scheduler_private.timezone_database default values;
comment on table scheduler_private.timezone_database is 'The time zone database of Postgres that the instants of local times come from.';
comment on column scheduler_private.timezone_database.fingerprint is 'Of the coming offsets of all zones; Postgres does not tell the version. Null: not looked at yet.';
comment on column scheduler_private.timezone_database.followed_at is 'When instants were last derived again.';
grant select, update on scheduler_private.timezone_database to scheduler_engine;
