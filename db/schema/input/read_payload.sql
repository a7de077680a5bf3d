create or replace function scheduler_private.read_payload(p_payload bytea, p_key text, p_headers jsonb, p_most_bytes integer, p_index bigint) returns bytea
language sql stable
return case
  when scheduler_private.message_bytes(p_payload, p_key, p_headers) <= p_most_bytes then p_payload
  when p_payload is null then
    scheduler_private.refuse('invalid_payload', scheduler_private.input_path(p_index, 'payload'), 'It is missing.')::text::bytea
  else scheduler_private.refuse('message_too_large', scheduler_private.input_path(p_index, 'payload'),
    format('%s bytes, at most %s.', scheduler_private.message_bytes(p_payload, p_key, p_headers), p_most_bytes))::text::bytea
end;
alter function scheduler_private.read_payload(bytea, text, jsonb, integer, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.read_payload(bytea, text, jsonb, integer, bigint) from public;
comment on function scheduler_private.read_payload(bytea, text, jsonb, integer, bigint) is 'The payload, of a message that is not too large.';
