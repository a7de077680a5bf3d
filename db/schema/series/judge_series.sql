create or replace function scheduler_private.judge_series(p_ids text[], p_now timestamptz, p_until timestamptz) returns text[]
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_left text[];
  v_passed record;
begin
  -- Which of all that is overdue is kept takes expansion to know: that is the relay's.
  update events e set due_at = 'infinity', expand_by = p_now
  from series s
  where e.id = any (p_ids) and s.event_id = e.id and s.missed in ('latest', 'skip')
    and exists (
      select from unnest(s.pending) o
      where o.instant < p_now - grace() and o.instant > coalesce(s.judged_until, '-infinity')
    );

  for v_passed in
    select distinct on (e.id, j.why) e.id, o as occurrence, j.why
    from (
      select d.id, d.max_lateness, case
        when not topic_is_granted(d.owner, d.destination_topic) then 'topic_not_granted'
        when not exists (select from event_contents c where c.event_id = d.id) then 'no_contents'
      end as why
      from events d where d.id = any (p_ids) and d.due_at <= p_until
      -- Asked once for each series, not for each occurrence.
      offset 0
    ) e
    join series s on s.event_id = e.id
    cross join unnest(s.pending) o
    cross join lateral (select case when o.instant + e.max_lateness < p_now then 'missed' else e.why end as why) j
    where (e.why is not null or e.max_lateness is not null) and o.instant <= p_until and j.why is not null
    order by e.id, j.why, o.instant desc
  loop
    perform pass_over(v_passed.id, v_passed.occurrence, v_passed.why);
  end loop;
  if found then
    perform reckon_series(p_ids, p_now);
  end if;

  select array_agg(e.id) into v_left from events e where e.id = any (p_ids) and e.due_at <= p_until;
  return v_left;
end
$$;
alter function scheduler_private.judge_series(text[], timestamptz, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.judge_series(text[], timestamptz, timestamptz) from public;
comment on function scheduler_private.judge_series(text[], timestamptz, timestamptz) is 'Of series that are due and locked, those of which occurrences may be published now; null: none. Occurrences that are too late (maxLateness), or may not go to their topic, are passed over; series with missed = latest or skip of which something is overdue by more than the grace are marked for expansion first.';
