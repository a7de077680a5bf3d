create or replace function scheduler_private.instance_id(p_series_id text, p_instant timestamptz) returns text
language sql stable parallel safe
return p_series_id || to_char(p_instant at time zone 'UTC', '"_"YYYYMMDD"T"HH24MISS"Z"');
alter function scheduler_private.instance_id(text, timestamptz) owner to scheduler_owner;
revoke all on function scheduler_private.instance_id(text, timestamptz) from public;
grant execute on function scheduler_private.instance_id(text, timestamptz) to scheduler_engine;
comment on function scheduler_private.instance_id(text, timestamptz) is 'Id of the instance of a series that originally starts at an instant: <series id>_<UTC, basic format>.';
