create or replace function scheduler_private.find_size_error(p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_units integer := length(p_text);
begin
  -- As JavaScript counts: characters beyond U+FFFF are two. Where that decides nothing it would only take time.
  if v_units <= 262144 and octet_length(p_text) > 262144 then
    v_units := v_units + regexp_count(p_text, '[\U00010000-\U0010FFFF]');
  end if;
  if v_units > 262144 then
    return row('too_large', 'recurrence', 'has ' || v_units || ' characters', 'At most 262144 characters are taken.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_size_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_size_error(text) from public;
comment on function scheduler_private.find_size_error(text) is 'Whether a text is longer than any recurrence may be (limits.textLength in recurrence/limits.ts); null: it is not.';
