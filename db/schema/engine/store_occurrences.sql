create or replace function scheduler_private.store_occurrences(
  p_lane smallint,
  p_fence bigint,
  p_expanded jsonb,
  p_tz_version text,
  p_now timestamptz default null
) returns integer
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
-- By index, however small the tables were when the plan was made: it is kept while they grow.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_stored integer := 0;
  v_expanded text[] := array[]::text[];
  v_one jsonb;
begin
  perform lock_lane(p_lane, p_fence);
  -- In one order, as everybody locks them.
  for v_one in select value from jsonb_array_elements(p_expanded) order by value ->> 'id' loop
    perform lock_series(array[v_one ->> 'id']);
    if exists (select from events e join series s on s.event_id = e.id
        where e.id = v_one ->> 'id' and e.status = 'SCHEDULED' and s.version = (v_one ->> 'version')::bigint)
      and not exists (select from batches b where v_one ->> 'id' = any (b.series_ids))
    then
      if v_one ->> 'error' is not null then
        update events e set status = 'FAILED', last_error = v_one #>> '{error,code}', due_at = null, expand_by = null,
          updated_at = coalesce(p_now, now())
        where e.status = 'SCHEDULED' and (e.id = v_one ->> 'id' or e.series_id = v_one ->> 'id');
      else
        if v_one -> 'settled' <> '[]' or v_one -> 'dropped' <> '[]' then
          perform settle_exceptions(v_one ->> 'id', v_one -> 'settled', v_one -> 'dropped', p_now);
        end if;
        if v_one ->> 'passed' is not null then
          perform pass_over(v_one ->> 'id', read_occurrence(v_one -> 'passed'), 'missed');
        end if;
        perform store_pending(v_one, p_tz_version);
        v_expanded := v_expanded || (v_one ->> 'id');
      end if;
      v_stored := v_stored + 1;
    end if;
  end loop;
  perform reckon_series(v_expanded, p_now);
  -- However few they are where others have exceptions: to ask again would give the same.
  update events e set expand_by = null from series s
  where e.id = any (v_expanded) and s.event_id = e.id and s.pending <> '{}' and e.expand_by is not null;
  return v_stored;
end
$$;
alter function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) from public;
grant execute on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) to scheduler_relay;
comment on function scheduler_private.store_occurrences(smallint, bigint, jsonb, text, timestamptz) is 'What the relay has worked out of series_to_expand: [{id, version, pending: [{instant, wall, secondPass, revision}], exhausted, passed, judgedUntil, settled, dropped, error}]. Series that have changed since, or of which something is being published, stay marked. Returns how many were stored. p_tz_version: of the relay''s time zone database.';
