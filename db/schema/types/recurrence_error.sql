create type scheduler_private.recurrence_error as (
  code text,
  part text,
  problem text,
  remedy text
);
alter type scheduler_private.recurrence_error owner to scheduler_owner;
comment on type scheduler_private.recurrence_error is 'Why a recurrence is refused, in the words of RecurrenceError in recurrence/errors.ts: its code, the property or part at fault, a problem that completes a sentence that begins with the part, and what would be right.';
