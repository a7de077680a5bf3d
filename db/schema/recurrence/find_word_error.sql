create or replace function scheduler_private.find_word_error(p_part text, p_text text, p_words text[]) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_text <> all (p_words) then
    return row('out_of_range', p_part, 'is ' || quote_excerpt(p_text), 'Write one of ' || array_to_string(p_words, ', ') || '.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_word_error(text, text, text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_word_error(text, text, text[]) from public;
comment on function scheduler_private.find_word_error(text, text, text[]) is 'What is wrong with a rule part that is one of some words; null: nothing.';
