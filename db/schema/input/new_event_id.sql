create or replace function scheduler_private.new_event_id() returns text
language sql volatile
return overlay(gen_random_uuid()::text
  placing overlay(lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0') placing '-' from 9 for 0) || '-7' from 1 for 15);
alter function scheduler_private.new_event_id() owner to scheduler_owner;
revoke all on function scheduler_private.new_event_id() from public;
comment on function scheduler_private.new_event_id() is 'A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random.';
