create table scheduler_private.batches (
  lane smallint constraint one_open_batch_per_lane primary key references scheduler_private.lanes,
  id uuid not null default gen_random_uuid(),
  delivery_mode text not null,
  event_ids text[] not null constraint batches_are_not_empty check (cardinality(event_ids) > 0),
  claimed_at timestamptz not null,
  series_ids text[] not null default '{}'
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000);
alter table scheduler_private.batches owner to scheduler_owner;
alter table scheduler_private.batches alter column event_ids set compression lz4;
comment on table scheduler_private.batches is 'The open batch of a lane: claimed, not yet confirmed, discarded or rejected. What it names cannot be changed.';
comment on column scheduler_private.batches.id is 'Never used again, so that the ledger can tell it from every other.';
comment on column scheduler_private.batches.event_ids is 'Ids of the messages, in the order in which they are sent: events, and occurrences of series (<series id>_<instant>).';
comment on column scheduler_private.batches.series_ids is 'Series of the instances among them. Nothing of a series changes while one of its instances is being published.';
grant select, insert, delete on scheduler_private.batches to scheduler_engine;
