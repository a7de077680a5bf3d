create or replace function scheduler_private.resolve_local(
  p_local timestamp,
  p_timezone text,
  p_overlap text default 'first'
) returns timestamptz
language plpgsql stable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_as_utc constant timestamptz := p_local at time zone 'UTC';
  v_before constant interval := utc_offset(v_as_utc - interval '24 hours', p_timezone);
  v_after constant interval := utc_offset(v_as_utc + interval '24 hours', p_timezone);
  v_first timestamptz := v_as_utc - v_before;
  v_last timestamptz := v_as_utc - v_after;
begin
  if v_before = v_after then
    return v_first;
  end if;
  -- Postgres alone would read a skipped or doubled time by the offset that it likes best.
  if v_first at time zone p_timezone <> p_local then
    if v_last at time zone p_timezone <> p_local then
      return v_first;
    end if;
    return v_last;
  elsif v_last at time zone p_timezone <> p_local then
    return v_first;
  end if;
  return case p_overlap when 'last' then greatest(v_first, v_last) else least(v_first, v_last) end;
end
$$;
alter function scheduler_private.resolve_local(timestamp, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.resolve_local(timestamp, text, text) from public;
grant execute on function scheduler_private.resolve_local(timestamp, text, text) to scheduler_engine;
comment on function scheduler_private.resolve_local(timestamp, text, text) is 'The instant of a wall time: one that a clock change skips is shifted forward by the gap (RFC 5545 3.3.5), one that it repeats is the first or the last of its two instants.';
