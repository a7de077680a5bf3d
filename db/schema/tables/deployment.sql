create table scheduler_private.deployment (
  only_row boolean primary key default true constraint deployment_has_one_row check (only_row),
  name text not null,
  kafka_cluster_id text not null,
  installed_at timestamptz not null default now()
);
alter table scheduler_private.deployment owner to scheduler_owner;
comment on table scheduler_private.deployment is 'Who this database belongs to: written once, by the first relay. Empty: not installed yet.';
comment on column scheduler_private.deployment.name is 'Prefix of everything it owns in Kafka.';
comment on column scheduler_private.deployment.kafka_cluster_id is 'The Kafka cluster that holds its ledger.';
grant select, insert on scheduler_private.deployment to scheduler_engine;
