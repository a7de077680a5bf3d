create or replace function scheduler_private.read_end(
  p_given text,
  p_start scheduler_private.moment,
  p_timezone text,
  p_overlap text,
  p_index bigint
) returns scheduler_private.moment
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_end constant moment := parse_moment(p_given, p_timezone, p_overlap, input_path(p_index, 'endsAt'));
begin
  if v_end.instant < p_start.instant then
    perform refuse('invalid_ends_at', input_path(p_index, 'endsAt'));
  end if;
  return v_end;
end
$$;
alter function scheduler_private.read_end(text, scheduler_private.moment, text, text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_end(text, scheduler_private.moment, text, text, bigint) from public;
comment on function scheduler_private.read_end(text, scheduler_private.moment, text, text, bigint) is 'A date-time that is not before the start.';
