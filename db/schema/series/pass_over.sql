create or replace function scheduler_private.pass_over(
  p_series_id text,
  p_until scheduler_private.occurrence,
  p_reason text
) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_after timestamptz;
begin
  select coalesce((s.watermark).instant, '-infinity') into strict v_after from series s where s.event_id = p_series_id;
  update passed_ranges p set until_instant = (p_until).instant
  where (p.series_id, p.until_instant, p.reason) = (p_series_id, v_after, p_reason);
  if not found then
    insert into passed_ranges (series_id, after_instant, until_instant, reason)
      values (p_series_id, v_after, (p_until).instant, p_reason);
  end if;
  update series s set
    watermark = p_until,
    pending = array(select o from unnest(s.pending) o where o.instant > (p_until).instant order by o.instant),
    failed = s.failed or p_reason <> 'missed',
    version = s.version + 1
  where s.event_id = p_series_id;
end
$$;
alter function scheduler_private.pass_over(text, scheduler_private.occurrence, text) owner to scheduler_engine;
revoke all on function scheduler_private.pass_over(text, scheduler_private.occurrence, text) from public;
comment on function scheduler_private.pass_over(text, scheduler_private.occurrence, text) is 'Gives up what the series has not dealt with up to an occurrence, inclusive; a stretch that goes on grows. The caller holds the series'' lock and reckons it afterwards.';
