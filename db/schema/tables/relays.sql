create table scheduler_private.relays (
  id uuid primary key,
  label text not null,
  started_at timestamptz not null default now(),
  alive_until timestamptz not null,
  trouble text,
  troubled_at timestamptz,
  constraint relays_trouble_has_a_beginning check ((trouble is null) = (troubled_at is null))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
alter table scheduler_private.relays owner to scheduler_owner;
comment on table scheduler_private.relays is 'Relays that are alive, so that lanes can be shared fairly among them.';
comment on column scheduler_private.relays.label is 'Host and process id, for people.';
comment on column scheduler_private.relays.trouble is 'What Kafka refuses it until a person mends it: certificate, login, ACL.';
grant select, insert, update, delete on scheduler_private.relays to scheduler_engine;
