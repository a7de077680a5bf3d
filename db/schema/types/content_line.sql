create type scheduler_private.content_line as (
  name text,
  parameter_names text[],
  parameter_values text[],
  value text
);
alter type scheduler_private.content_line owner to scheduler_owner;
comment on type scheduler_private.content_line is 'A content line (RFC 5545 section 3.1), names in upper case.';
