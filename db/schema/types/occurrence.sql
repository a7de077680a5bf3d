create type scheduler_private.occurrence as (
  instant timestamptz,
  wall timestamp,
  second_pass boolean,
  revision integer
);
alter type scheduler_private.occurrence owner to scheduler_owner;
comment on type scheduler_private.occurrence is 'One occurrence of a series: its instant, the wall time that it comes from (the truth, which outlasts a new time zone database), whether that is the later one of a doubled wall time, and the number of the revision that has it.';
