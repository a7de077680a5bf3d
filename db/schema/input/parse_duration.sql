create or replace function scheduler_private.parse_duration(p_text text, p_field text) returns interval
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_text !~ '^P(?=.*\d[YMWDHS]$)(\d{1,8}Y)?(\d{1,8}M)?(\d{1,8}W)?(\d{1,9}D)?(T(?=\d)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}(\.\d{1,6})?S)?)?$' then
    perform refuse('invalid_duration', p_field, format('%L is not an ISO 8601 duration.', left(p_text, 60)));
  elsif p_text::interval > interval '10000 years' then
    perform refuse('invalid_duration', p_field, 'At most 10,000 years.');
  end if;
  return p_text::interval;
end
$$;
alter function scheduler_private.parse_duration(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.parse_duration(text, text) from public;
comment on function scheduler_private.parse_duration(text, text) is 'Reads an ISO 8601 duration.';
