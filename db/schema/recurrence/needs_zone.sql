create or replace function scheduler_private.needs_zone(p_type text, p_value text) returns boolean
language sql immutable parallel safe
return case p_type
  when 'DATE' then true
  when 'PERIOD' then p_value not like '%Z/%' or split_part(p_value, '/', 2) !~ '^[+]?P|Z$'
  else p_value not like '%Z'
end;
alter function scheduler_private.needs_zone(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.needs_zone(text, text) from public;
comment on function scheduler_private.needs_zone(text, text) is 'Whether a well-formed value of RDATE or EXDATE is meant in a zone: a TZID says nothing of times in UTC (RFC 5545 section 3.2.19).';
