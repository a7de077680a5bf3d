create or replace function scheduler_private.read_occurrence(p_json jsonb) returns scheduler_private.occurrence
language sql immutable parallel safe
return row(
  to_timestamp((p_json ->> 'instant')::double precision),
  timestamp '1970-01-01' + (p_json ->> 'wall')::double precision * interval '1 second',
  (p_json ->> 'secondPass')::boolean,
  (p_json ->> 'revision')::integer
)::scheduler_private.occurrence;
alter function scheduler_private.read_occurrence(jsonb) owner to scheduler_owner;
revoke all on function scheduler_private.read_occurrence(jsonb) from public;
grant execute on function scheduler_private.read_occurrence(jsonb) to scheduler_engine, scheduler_api;
comment on function scheduler_private.read_occurrence(jsonb) is 'An occurrence as recurrence/ writes it: whole seconds since 1970.';
