create table scheduler_private.watches (
  only_row boolean primary key default true constraint watches_has_one_row check (only_row),
  watched_until timestamptz not null default '-infinity'
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.watches owner to scheduler_owner;
insert into scheduler_private.watches default values;
comment on table scheduler_private.watches is 'Until when somebody wants to be notified of changes of events: NOTIFY is not free, and mostly nobody does.';
grant select, update on scheduler_private.watches to scheduler_engine;
