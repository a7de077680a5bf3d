create or replace function scheduler_private.mark_outdated_series(p_lane smallint, p_fence bigint, p_tz_version text, p_limit integer) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_marked integer;
begin
  perform lock_lane(p_lane, p_fence);
  with outdated as (
    select e.id from series s join events e on e.id = s.event_id
    where s.tz_version < p_tz_version and e.lane = p_lane and e.status = 'SCHEDULED' and e.expand_by is null
    limit p_limit
    for no key update of e skip locked
  )
  update events e set expand_by = least(e.due_at, now()) from outdated where e.id = outdated.id;
  get diagnostics v_marked = row_count;
  return v_marked;
end
$$;
alter function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) owner to scheduler_engine;
revoke all on function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) from public;
grant execute on function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) to scheduler_relay;
comment on function scheduler_private.mark_outdated_series(smallint, bigint, text, integer) is 'Marks up to p_limit series of the lane whose occurrences come from an older time zone database than p_tz_version, and returns how many.';
