create type scheduler_private.moment as (
  local timestamp,
  instant timestamptz,
  second_pass boolean
);
alter type scheduler_private.moment owner to scheduler_owner;
comment on type scheduler_private.moment is 'A date-time as it was given: local is null for an instant; second_pass: the later of two instants that show the same local time.';
