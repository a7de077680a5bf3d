create or replace view scheduler_private.series_state with (security_invoker = true) as
select
  e.id,
  s.version,
  s.missed,
  coalesce((
    select jsonb_agg(jsonb_build_object('number', r.number, 'start', extract(epoch from r.scheduled_local), 'timezone', r.timezone,
      'recurrence', r.recurrence, 'gap', r.gap, 'overlap', r.overlap, 'closedAt', extract(epoch from r.closed_at)) order by r.number)
    from scheduler_private.revisions r where r.series_id = e.id
  ), '[]') || jsonb_build_object('number', s.revision, 'start', extract(epoch from e.scheduled_local), 'timezone', e.timezone,
    'recurrence', s.recurrence, 'gap', e.gap, 'overlap', e.overlap, 'closedAt', null) as revisions,
  case when s.watermark is not null then jsonb_build_object('instant', extract(epoch from (s.watermark).instant),
    'wall', extract(epoch from (s.watermark).wall), 'secondPass', (s.watermark).second_pass, 'revision', (s.watermark).revision) end as watermark,
  extract(epoch from e.created_at)::double precision as created_at_seconds,
  s.starts_as_instant,
  extract(epoch from e.ends_instant - e.scheduled_instant)::double precision as length,
  e.ends_local is not null as ends_as_local
from scheduler_private.events e
join scheduler_private.series s on s.event_id = e.id;
alter view scheduler_private.series_state owner to scheduler_owner;
grant select on scheduler_private.series_state to scheduler_api, scheduler_engine;
comment on view scheduler_private.series_state is 'What is needed to expand series (recurrence/revised-series.ts): all their rules and how far they are. Instants in seconds since 1970-01-01T00:00:00Z, wall times in seconds since 1970-01-01T00:00:00 on that clock.';
comment on column scheduler_private.series_state.id is 'Id of the series.';
comment on column scheduler_private.series_state.version is 'Grows with every change.';
comment on column scheduler_private.series_state.missed is 'Which overdue occurrences are published; null: all.';
comment on column scheduler_private.series_state.revisions is 'All its rules, in order: [{number, start, timezone, recurrence, gap, overlap, closedAt}]; the last is the present one.';
comment on column scheduler_private.series_state.watermark is 'Occurrence up to which everything is dealt with; null: nothing yet.';
comment on column scheduler_private.series_state.created_at_seconds is 'When it was created.';
comment on column scheduler_private.series_state.starts_as_instant is 'Whether its start was given as an instant.';
comment on column scheduler_private.series_state.length is 'Elapsed seconds from start to end of an instance; null: it has no end.';
comment on column scheduler_private.series_state.ends_as_local is 'Whether its end was given as wall time.';
