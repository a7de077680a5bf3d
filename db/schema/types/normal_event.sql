create type scheduler_private.normal_event as (
  id text,
  timezone text,
  scheduled scheduler_private.moment,
  ends scheduler_private.moment,
  destination_topic text,
  gap text,
  overlap text,
  max_lateness interval,
  payload bytea,
  key text,
  headers jsonb,
  content_hash bytea,
  recurrence text,
  missed text,
  starts_as_instant boolean
);
alter type scheduler_private.normal_event owner to scheduler_owner;
comment on type scheduler_private.normal_event is 'An event_input that was checked and given its defaults. A series starts at a wall time, whatever was given.';
