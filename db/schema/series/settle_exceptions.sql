create or replace function scheduler_private.settle_exceptions(
  p_series_id text,
  p_settled jsonb,
  p_dropped jsonb,
  p_now timestamptz
) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_now constant timestamptz := coalesce(p_now, clock_timestamp());
  v_lanes smallint[];
begin
  delete from events e
  where e.series_id = p_series_id and e.status = 'SCHEDULED'
    and e.id in (select jsonb_array_elements_text(p_dropped));
  with settled as (
    update exceptions x set
      settled = true,
      original_wall = timestamp '1970-01-01' + (k.value ->> 'wall')::double precision * interval '1 second',
      original_second_pass = (k.value ->> 'secondPass')::boolean
    from jsonb_array_elements(p_settled) as k (value)
    where x.event_id = k.value ->> 'id' and x.series_id = p_series_id
    returning x.event_id
  ), released as (
    update events e set
      due_at = greatest(e.scheduled_instant, case when e.retry > 0 then v_now + s.retry_delays[least(e.retry, cardinality(s.retry_delays))] end)
    from settled, settings s
    where e.id = settled.event_id and e.status = 'SCHEDULED'
    returning e.lane, e.due_at
  )
  select array_agg(distinct r.lane) into v_lanes from released r, settings s where r.due_at <= v_now + s.horizon;
  perform pg_notify('scheduler_lanes', lane::text) from unnest(v_lanes) as lane;
end
$$;
alter function scheduler_private.settle_exceptions(text, jsonb, jsonb, timestamptz) owner to scheduler_engine;
revoke all on function scheduler_private.settle_exceptions(text, jsonb, jsonb, timestamptz) from public;
comment on function scheduler_private.settle_exceptions(text, jsonb, jsonb, timestamptz) is 'After a change of the rule: exceptions whose original start is still an occurrence are due again, the others that are SCHEDULED are deleted.';
