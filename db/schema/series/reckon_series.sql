create or replace function scheduler_private.reckon_series(p_ids text[], p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
begin
  update events e set
    due_at = coalesce((s.pending[1]).instant, 'infinity'),
    expand_by = case when not s.exhausted and cardinality(s.pending) <= 1
      then least(e.expand_by, coalesce((s.pending[1]).instant, v_now)) end
  from series s
  where s.event_id = any (p_ids) and e.id = s.event_id and e.status = 'SCHEDULED';

  with finished as (
    select e.id, s.published or exists (select from events x where x.series_id = e.id and x.status = 'PUBLISHED') as published,
      s.failed or exists (select from events x where x.series_id = e.id and x.status = 'FAILED') as failed
    from events e join series s on s.event_id = e.id
    where e.id = any (p_ids) and e.status = 'SCHEDULED' and s.exhausted and s.pending = '{}'
      and not exists (select from events x where x.series_id = e.id and x.status = 'SCHEDULED')
  )
  update events e set
    status = case when f.published then 'PUBLISHED' when f.failed then 'FAILED' else 'CANCELED' end::scheduler.event_status,
    published_at = case when f.published then v_now end,
    last_error = case when not f.published then coalesce(
      (select x.last_error from events x where x.series_id = e.id and x.status = 'FAILED' order by x.updated_at desc limit 1),
      (select p.reason from passed_ranges p where p.series_id = e.id order by p.reason = 'missed', p.until_instant desc limit 1)) end,
    due_at = null, expand_by = null, updated_at = v_now
  from finished f where e.id = f.id;
end
$$;
alter function scheduler_private.reckon_series(text[], timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.reckon_series(text[], timestamptz) from public;
grant execute on function scheduler_private.reckon_series(text[], timestamptz) to scheduler_owner;
comment on function scheduler_private.reckon_series(text[], timestamptz) is 'After a change of what series have before them, whose locks the caller holds: when they are due next, whether they need expansion, whether they are finished: PUBLISHED if anything was, else FAILED if anything has, else CANCELED.';
