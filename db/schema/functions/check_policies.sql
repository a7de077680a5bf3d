create or replace function scheduler_private.check_policies(p_event scheduler_private.normal_event, p_path text) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_recurs constant boolean := p_event.recurrence is not null;
  v_kind constant text := case when v_recurs then 'a series' else 'a one-off event' end;
begin
  if p_event.gap <> all (case when v_recurs then '{shift,skip}' else '{shift}' end::text[]) then
    perform refuse('invalid_policy', p_path || 'gap', format('%L does not fit %s.', left(p_event.gap, 60), v_kind));
  elsif p_event.overlap <> all (case when v_recurs then '{first,last,both}' else '{first,last}' end::text[]) then
    perform refuse('invalid_policy', p_path || 'overlap', format('%L does not fit %s.', left(p_event.overlap, 60), v_kind));
  elsif p_event.missed is not null and not v_recurs then
    perform refuse('invalid_policy', p_path || 'missed', 'It is for series; a one-off event takes maxLateness.');
  elsif p_event.missed <> all ('{all,latest,skip}') then
    perform refuse('invalid_policy', p_path || 'missed', format('%L is not all, latest or skip.', left(p_event.missed, 60)));
  end if;
end
$$;
alter function scheduler_private.check_policies(scheduler_private.normal_event, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_policies(scheduler_private.normal_event, text) from public;
comment on function scheduler_private.check_policies(scheduler_private.normal_event, text) is 'Raises invalid_policy unless gap, overlap and missed are among what the kind of event takes.';
