create table scheduler_private.lanes (
  lane smallint primary key constraint lanes_are_numbered_from_zero check (lane >= 0),
  relay_id uuid,
  lease_until timestamptz,
  fence bigint not null default 0,
  last_confirmed uuid not null default gen_random_uuid(),
  ledger text not null default 'unseeded'
    constraint lanes_ledger check (ledger in ('unseeded', 'seeded', 'reseed')),
  quarantined_at timestamptz,
  quarantine_reason text,
  published bigint not null default 0,
  constraint lanes_lease_has_an_owner check ((relay_id is null) = (lease_until is null)),
  constraint lanes_quarantine_has_a_reason check ((quarantined_at is null) = (quarantine_reason is null))
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.lanes owner to scheduler_owner;
insert into scheduler_private.lanes (lane) select generate_series(0, 3);
comment on table scheduler_private.lanes is 'Units of order, concurrency and exactly-once: at any time one relay owns a lane.';
comment on column scheduler_private.lanes.fence is 'Grows at each takeover; every claim and confirm presents it, an old one is refused.';
comment on column scheduler_private.lanes.last_confirmed is 'The batch that the ledger in Kafka shows when no batch is open.';
comment on column scheduler_private.lanes.ledger is 'unseeded: last_confirmed is to be written to an empty ledger; reseed: whatever the ledger says (an operator decided, or it was not kept in at_least_once mode); seeded: it is there.';
comment on column scheduler_private.lanes.quarantine_reason is 'Why the lane stands still until an operator decides.';
comment on column scheduler_private.lanes.published is 'How many messages it has published in all: counted here, because a confirmation writes this row anyway.';
grant select, insert, update, delete on scheduler_private.lanes to scheduler_engine;
-- For views that look lane by lane.
grant select (lane) on scheduler_private.lanes to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader;
