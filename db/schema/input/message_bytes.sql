create or replace function scheduler_private.message_bytes(p_payload bytea, p_key text, p_headers jsonb) returns integer
language sql immutable parallel safe
return octet_length(p_payload) + coalesce(octet_length(p_key), 0)
  + case when p_headers = '{}' then 0 else octet_length(p_headers::text) end;
alter function scheduler_private.message_bytes(bytea, text, jsonb) owner to scheduler_owner;
revoke all on function scheduler_private.message_bytes(bytea, text, jsonb) from public;
grant execute on function scheduler_private.message_bytes(bytea, text, jsonb) to scheduler_engine;
comment on function scheduler_private.message_bytes(bytea, text, jsonb) is 'Bytes of payload, key and headers (as JSON), without reading the payload.';
