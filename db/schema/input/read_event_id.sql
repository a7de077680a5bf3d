create or replace function scheduler_private.read_event_id(p_id text, p_index bigint) returns text
language sql volatile
return case
  when p_id is null then scheduler_private.new_event_id()
  when lower(p_id) like '________-____-____-____-____________' and translate(lower(p_id), '0123456789abcdef', '') = '----' then lower(p_id)
  else scheduler_private.refuse('invalid_id', scheduler_private.input_path(p_index, 'id'), format('%L is not a UUID.', left(p_id, 60)))::text
end;
alter function scheduler_private.read_event_id(text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_event_id(text, bigint) from public;
comment on function scheduler_private.read_event_id(text, bigint) is 'A UUID in lower case, a new one for null.';
