create table scheduler_private.event_contents (
  event_id text collate "C" primary key,
  owner text not null,
  payload bytea not null,
  key text constraint event_contents_key_is_given check (key <> ''),
  headers jsonb not null default '{}'
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
alter table scheduler_private.event_contents owner to scheduler_owner;
alter table scheduler_private.event_contents enable row level security;
alter table scheduler_private.event_contents force row level security;
-- For lists: here, because a row of events is indexed again by every change of its status.
create index event_contents_by_owner on scheduler_private.event_contents (owner, event_id);
-- Payloads are often compressed or encrypted already; out of line they are never copied again.
alter table scheduler_private.event_contents alter column payload set storage external;
comment on table scheduler_private.event_contents is 'What is sent: apart from the state, so that a change of status never rewrites it and readers do not see it.';
comment on column scheduler_private.event_contents.owner is 'Owner of the event, for row level security.';
comment on column scheduler_private.event_contents.key is 'Kafka message key; null: the id of the event, or of the series of an exception.';
grant select on scheduler_private.event_contents to scheduler_api, scheduler_producer, scheduler_operator, scheduler_reader, scheduler_engine;
grant insert, delete on scheduler_private.event_contents to scheduler_engine;
