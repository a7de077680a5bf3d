create or replace function scheduler_private.quote_excerpt(p_text text) returns text
language sql immutable parallel safe
return to_json(case when length(p_text) > 40 then left(p_text, 40) || '…' else p_text end)::text;
alter function scheduler_private.quote_excerpt(text) owner to scheduler_owner;
revoke all on function scheduler_private.quote_excerpt(text) from public;
comment on function scheduler_private.quote_excerpt(text) is 'A piece of the caller''s text, short and on one line, for a message.';
