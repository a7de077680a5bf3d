create or replace function scheduler_private.split_list(p_text text, p_delimiter text) returns text[]
language sql immutable parallel safe
return case p_text when '' then array[''] else string_to_array(p_text, p_delimiter) end;
alter function scheduler_private.split_list(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.split_list(text, text) from public;
comment on function scheduler_private.split_list(text, text) is 'Splits at a delimiter; of nothing there is one piece, an empty one.';
