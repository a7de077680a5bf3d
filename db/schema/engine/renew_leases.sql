create or replace function scheduler_private.renew_leases(
  p_relay uuid,
  p_label text,
  p_lease interval,
  p_now timestamptz default null
) returns table (lane smallint, fence bigint, surplus integer)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := coalesce(p_now, now());
  v_lanes integer;
  v_relays integer;
  v_owned integer;
begin
  insert into relays (id, label, alive_until) values (p_relay, p_label, v_now + p_lease)
    on conflict (id) do update set alive_until = excluded.alive_until;
  delete from relays where alive_until < v_now - interval '1 minute';
  -- A lane whose confirm waits for a stranger's row lock is locked: its lease may lapse, the fence protects it.
  update lanes l set lease_until = v_now + p_lease
  from (select k.lane from lanes k where k.relay_id = p_relay for no key update skip locked) mine
  where l.lane = mine.lane;

  select count(*), count(*) filter (where l.relay_id = p_relay) into v_lanes, v_owned from lanes l;
  select count(*) into v_relays from relays r where r.alive_until > v_now;
  return query
    select l.lane, l.fence, case
      when v_owned > ceil(v_lanes / v_relays::numeric) then v_owned - ceil(v_lanes / v_relays::numeric)::integer
      when v_owned > v_lanes / v_relays and exists (
        select from relays r where r.alive_until > v_now
          and (select count(*) from lanes k where k.relay_id = r.id) < v_lanes / v_relays) then 1
      else 0
    end
    from lanes l where l.relay_id = p_relay order by l.lane;
end
$$;
alter function scheduler_private.renew_leases(uuid, text, interval, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.renew_leases(uuid, text, interval, timestamptz) from public;
grant execute on function scheduler_private.renew_leases(uuid, text, interval, timestamptz) to scheduler_relay;
comment on function scheduler_private.renew_leases(uuid, text, interval, timestamptz) is 'A relay says that it is alive: its leases are extended, and it hears which lanes it owns and how many of them it should give up to others.';
