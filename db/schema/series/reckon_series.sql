create or replace function scheduler_private.reckon_series(p_ids text[], p_now timestamptz default null) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_finished text[];
begin
  update events e set
    due_at = coalesce((s.pending[1]).instant, 'infinity'),
    expand_by = case when not s.exhausted and cardinality(s.pending) <= 1
      then least(e.expand_by, coalesce((s.pending[1]).instant, v_now)) end
  from series s
  where e.id = any (p_ids) and s.event_id = e.id and e.status = 'SCHEDULED';

  -- Scalar subqueries here and below, by index; as EXISTS they may be planned as scans of all events.
  select array_agg(e.id) into v_finished
  from events e join series s on s.event_id = e.id
  where e.id = any (p_ids) and s.exhausted and s.pending = '{}' and e.status = 'SCHEDULED'
    and (select x.id from events x where x.series_id = s.event_id and x.status = 'SCHEDULED' limit 1) is null;
  if v_finished is null then
    return;
  end if;
  update events e set
    status = f.status,
    published_at = case f.status when 'PUBLISHED' then v_now end,
    last_error = case when f.status <> 'PUBLISHED' then coalesce(
      (select x.last_error from events x where x.series_id = e.id and x.status = 'FAILED' order by x.updated_at desc limit 1),
      (select p.reason from passed_ranges p where p.series_id = e.id order by p.reason = 'missed', p.until_instant desc limit 1)) end,
    due_at = null, expand_by = null, updated_at = v_now
  from series s cross join lateral (
    select case
      when s.published or (select x.id from events x where x.series_id = s.event_id and x.status = 'PUBLISHED' limit 1) is not null then 'PUBLISHED'
      when s.failed or (select x.id from events x where x.series_id = s.event_id and x.status = 'FAILED' limit 1) is not null then 'FAILED'
      else 'CANCELED'
    end::scheduler.event_status as status
  ) f
  where e.id = any (v_finished) and s.event_id = e.id;
end
$$;
alter function scheduler_private.reckon_series(text[], timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.reckon_series(text[], timestamptz) from public;
grant execute on function scheduler_private.reckon_series(text[], timestamptz) to scheduler_owner;
comment on function scheduler_private.reckon_series(text[], timestamptz) is 'After a change of what series have before them, whose locks the caller holds: when they are due next, whether they need expansion, whether they are finished: PUBLISHED if anything was, else FAILED if anything has, else CANCELED.';
