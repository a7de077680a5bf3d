create table scheduler_private.ticks (
  only_row boolean primary key default true constraint ticks_has_one_row check (only_row),
  ticked_at timestamptz,
  oldest_due_at timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.ticks owner to scheduler_owner;
insert into scheduler_private.ticks default values;
comment on table scheduler_private.ticks is 'What the last tick saw.';
comment on column scheduler_private.ticks.oldest_due_at is 'The oldest overdue instant of all lanes, null when nothing was overdue.';
grant select, update on scheduler_private.ticks to scheduler_engine;
grant select on scheduler_private.ticks to scheduler_api;
