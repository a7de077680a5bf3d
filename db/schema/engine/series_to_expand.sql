create or replace function scheduler_private.series_to_expand(p_lane smallint, p_fence bigint, p_limit integer, p_now timestamptz default null)
returns table (
  id text,
  version bigint,
  missed text,
  revisions jsonb,
  watermark jsonb,
  created_at_seconds double precision,
  now_seconds double precision,
  checked boolean,
  unsettled jsonb
)
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
#variable_conflict use_column
begin
  perform lock_lane(p_lane, p_fence);
  return query
    select t.id, t.version, t.missed, t.revisions, t.watermark, t.created_at_seconds,
      extract(epoch from coalesce(p_now, clock_timestamp()))::double precision,
      s.tz_version is not null,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', x.event_id, 'instant', extract(epoch from x.original_instant),
          'wall', extract(epoch from x.original_wall), 'secondPass', x.original_second_pass, 'final', xe.status <> 'SCHEDULED'))
        from exceptions x join events xe on xe.id = x.event_id
        where x.series_id = t.id and not x.settled
      ), '[]')
    from (
      select e.id, e.expand_by from events e
      where e.lane = p_lane and e.expand_by is not null
      order by e.expand_by
      limit p_limit
    ) marked
    join series_state t on t.id = marked.id
    join series s on s.event_id = marked.id
    order by marked.expand_by;
end
$$;
alter function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) from public;
grant execute on function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) to scheduler_relay;
comment on function scheduler_private.series_to_expand(smallint, bigint, integer, timestamptz) is 'The lane''s series that are marked for expansion, those that need it first first. checked: it was expanded before; unsettled: exceptions of which to say whether their original starts are still occurrences.';
