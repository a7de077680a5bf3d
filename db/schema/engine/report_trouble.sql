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
