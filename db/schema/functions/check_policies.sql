create or replace function scheduler_private.check_policies(
  p_recurs boolean,
  p_gap text,
  p_overlap text,
  p_missed text,
  p_path text
) returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_kind constant text := case when p_recurs then 'a series' else 'a one-off event' end;
begin
  if p_gap <> all (case when p_recurs then '{shift,skip}' else '{shift}' end::text[]) then
    perform refuse('invalid_policy', p_path || 'gap', format('%L does not fit %s.', left(p_gap, 60), v_kind));
  elsif p_overlap <> all (case when p_recurs then '{first,last,both}' else '{first,last}' end::text[]) then
    perform refuse('invalid_policy', p_path || 'overlap', format('%L does not fit %s.', left(p_overlap, 60), v_kind));
  elsif p_missed is not null and not p_recurs then
    perform refuse('invalid_policy', p_path || 'missed', 'It is for series; a one-off event takes maxLateness.');
  elsif p_missed <> all ('{all,latest,skip}') then
    perform refuse('invalid_policy', p_path || 'missed', format('%L is not all, latest or skip.', left(p_missed, 60)));
  end if;
end
$$;
alter function scheduler_private.check_policies(boolean, text, text, text, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_policies(boolean, text, text, text, text) from public;
comment on function scheduler_private.check_policies(boolean, text, text, text, text) is 'Raises invalid_policy unless gap, overlap and missed are among what the kind of event takes.';
