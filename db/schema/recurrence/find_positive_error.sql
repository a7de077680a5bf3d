create or replace function scheduler_private.find_positive_error(p_part text, p_text text, p_greatest bigint) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if length(p_text) <= 20 and p_text !~ '[^0-9]' then
    if p_text::numeric between 1 and p_greatest then
      return null;
    end if;
  end if;
  return row('out_of_range', p_part, 'is ' || quote_excerpt(p_text), 'Write a whole number from 1 to ' || p_greatest || '.')::recurrence_error;
end
$$;
alter function scheduler_private.find_positive_error(text, text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.find_positive_error(text, text, bigint) from public;
comment on function scheduler_private.find_positive_error(text, text, bigint) is 'What is wrong with a positive whole number, that of INTERVAL or COUNT; null: nothing.';
