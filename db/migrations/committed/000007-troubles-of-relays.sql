--! Previous: sha1:68bad6575489e2ec08c11a1277909e0b6eb33d07
--! Hash: sha1:a3eb660ca07277453cabcdf97a1e725865a5a0f0
--! Message: troubles of relays

-- What Kafka refuses a relay until a person mends it.

alter table scheduler_private.relays
  add column trouble text,
  add column troubled_at timestamptz,
  add constraint relays_trouble_has_a_beginning check ((trouble is null) = (troubled_at is null));
comment on column scheduler_private.relays.trouble is 'What Kafka refuses it until a person mends it: certificate, login, ACL.';

--! Included engine/report_trouble.sql
create or replace function scheduler_private.report_trouble(p_relay uuid, p_label text, p_trouble text, p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, now());
begin
  -- One that has not started yet is not alive: it must not count where lanes are shared.
  insert into relays as r (id, label, alive_until, trouble, troubled_at)
  values (p_relay, p_label, v_now, p_trouble, case when p_trouble is not null then v_now end)
  on conflict (id) do update set
    alive_until = greatest(r.alive_until, excluded.alive_until),
    trouble = excluded.trouble,
    troubled_at = case when r.trouble = excluded.trouble then r.troubled_at else excluded.troubled_at end;
end
$$;
alter function scheduler_private.report_trouble(uuid, text, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.report_trouble(uuid, text, text, timestamptz) from public;
grant execute on function scheduler_private.report_trouble(uuid, text, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.report_trouble(uuid, text, text, timestamptz) is 'A relay says what Kafka refuses it, or (null) that nothing is wrong any more; before it has started, too.';
--! EndIncluded engine/report_trouble.sql
--! Included views/relays.sql
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
--! EndIncluded views/relays.sql
