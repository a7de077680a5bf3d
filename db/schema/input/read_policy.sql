create or replace function scheduler_private.read_policy(
  p_name text,
  p_value text,
  p_recurs boolean,
  p_for_one_off text[],
  p_for_series text[],
  p_index bigint
) returns text
language sql stable
return case
  when p_value is null or p_value = any (case when p_recurs then p_for_series else p_for_one_off end) then p_value
  else scheduler_private.refuse('invalid_policy', scheduler_private.input_path(p_index, p_name),
    format('%L does not fit %s.', left(p_value, 60), case when p_recurs then 'a series' else 'a one-off event' end))::text
end;
alter function scheduler_private.read_policy(text, text, boolean, text[], text[], bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_policy(text, text, boolean, text[], text[], bigint) from public;
comment on function scheduler_private.read_policy(text, text, boolean, text[], text[], bigint) is 'gap, overlap or missed, of those that the kind of event takes.';
