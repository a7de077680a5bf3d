create or replace function scheduler_private.new_event_id() returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid::text
$$;
alter function scheduler_private.new_event_id() owner to scheduler_owner;
revoke all on function scheduler_private.new_event_id() from public;
comment on function scheduler_private.new_event_id() is 'A UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then random.';
