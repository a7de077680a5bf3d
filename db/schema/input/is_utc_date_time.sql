create or replace function scheduler_private.is_utc_date_time(p_text text) returns boolean
language sql immutable parallel safe
return p_text ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$';
alter function scheduler_private.is_utc_date_time(text) owner to scheduler_owner;
revoke all on function scheduler_private.is_utc_date_time(text) from public;
comment on function scheduler_private.is_utc_date_time(text) is 'Whether it is a date-time with Z that Postgres reads as RFC 3339 means it: of some that are right, such as those on the 29th, it does not say so.';
