create or replace view scheduler.relays as
select
  r.label as relay,
  r.started_at,
  r.alive_until,
  (select count(*)::integer from scheduler_private.lanes l where l.relay_id = r.id) as lanes,
  r.trouble,
  r.troubled_at
from scheduler_private.relays r;
alter view scheduler.relays owner to scheduler_engine;
grant select on scheduler.relays to scheduler_api, scheduler_operator, scheduler_reader;
comment on view scheduler.relays is E'@omit\nThe relays that have been heard of within a minute or so.';
comment on column scheduler.relays.relay is 'Host and process id.';
comment on column scheduler.relays.started_at is 'When it was heard of first.';
comment on column scheduler.relays.alive_until is 'Until when it counts as alive, unless it renews.';
comment on column scheduler.relays.lanes is 'How many lanes it owns.';
comment on column scheduler.relays.trouble is 'What Kafka refuses it until a person mends it: certificate, login, ACL. What is due waits meanwhile.';
comment on column scheduler.relays.troubled_at is 'Since when.';
