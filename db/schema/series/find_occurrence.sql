create or replace function scheduler_private.find_occurrence(
  p_id text,
  p_occurrence scheduler_private.occurrence,
  p_revision integer
) returns scheduler_private.occurrence
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v_instant constant timestamptz := instant_of(p_id);
  v_series series;
  v_occurrence occurrence := p_occurrence;
  v_reason text;
begin
  perform refuse_unless_scheduled(left(p_id, 36));
  select * into strict v_series from series s where s.event_id = left(p_id, 36);
  if (p_occurrence).instant is null then
    select o.* into v_occurrence from unnest(v_series.pending) o where o.instant = v_instant;
    if not found then
      perform refuse('not_found', 'id', format('%s is not among the next occurrences of its series that are expanded; REST and GraphQL find every one.', p_id));
    end if;
  elsif v_series.revision <> p_revision then
    perform refuse('series_changed', 'id', p_id);
  elsif (p_occurrence).revision < (v_series.watermark).revision or v_instant <= (v_series.watermark).instant then
    select r.reason into v_reason from passed_ranges r
    where r.series_id = left(p_id, 36) and v_instant > r.after_instant and v_instant <= r.until_instant;
    perform refuse('final', 'status', case when v_reason is null then 'PUBLISHED' when v_reason = 'missed' then 'CANCELED' else 'FAILED' end);
  end if;
  return v_occurrence;
end
$$;
alter function scheduler_private.find_occurrence(text, scheduler_private.occurrence, integer) owner to scheduler_owner;
revoke all on function scheduler_private.find_occurrence(text, scheduler_private.occurrence, integer) from public;
comment on function scheduler_private.find_occurrence(text, scheduler_private.occurrence, integer) is 'The occurrence that an instance id means, if it is still to be published: the one given, which its caller expanded from that revision of the series, or one that is pending. The caller holds the series'' lock.';
