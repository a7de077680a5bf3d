create or replace function scheduler_private.input_path(p_index bigint, p_field text) returns text
language sql immutable parallel safe
return case when p_index is null then p_field else '[' || p_index || '].' || p_field end;
alter function scheduler_private.input_path(bigint, text) owner to scheduler_owner;
revoke all on function scheduler_private.input_path(bigint, text) from public;
comment on function scheduler_private.input_path(bigint, text) is 'How an error names a field, in a batch after the zero-based index of its event.';
