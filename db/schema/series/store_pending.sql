create or replace function scheduler_private.store_pending(p_expanded jsonb, p_tz_version text) returns void
language plpgsql volatile security definer
set search_path = scheduler_private, pg_temp
as $$
declare
  v_id constant text := p_expanded ->> 'id';
  v_found constant occurrence[] := array(
    select read_occurrence(o.value) from jsonb_array_elements(p_expanded -> 'pending') with ordinality as o (value, i) order by o.i);
  v_free constant occurrence[] := array(
    select o from unnest(v_found) o
    where not exists (
      select from exceptions x
      where x.series_id = v_id and ((x.original_wall, x.original_second_pass) = (o.wall, o.second_pass)
        or x.event_id = instance_id(v_id, o.instant))
    )
    order by o.instant);
begin
  update series s set
    pending = v_free,
    exhausted = (p_expanded ->> 'exhausted')::boolean,
    -- Exceptions are dealt with on their own; to look at the same ones again would never end.
    watermark = case when v_free = '{}' and v_found <> '{}' then v_found[cardinality(v_found)] else s.watermark end,
    judged_until = to_timestamp((p_expanded ->> 'judgedUntil')::double precision),
    tz_version = p_tz_version,
    version = s.version + 1
  where s.event_id = v_id;
end
$$;
alter function scheduler_private.store_pending(jsonb, text) owner to scheduler_engine;
revoke all on function scheduler_private.store_pending(jsonb, text) from public;
comment on function scheduler_private.store_pending(jsonb, text) is 'Stores the next occurrences of a series, without those that have an exception.';
