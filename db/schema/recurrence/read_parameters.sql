create or replace function scheduler_private.read_parameters(p_head text) returns table (place bigint, name text, value text)
language sql immutable parallel safe
begin atomic
  select p.i, upper(p.found[1] collate "C"), coalesce(p.found[2], p.found[3])
  from regexp_matches(p_head, ';([A-Za-z0-9-]+)=(?:"([^"]*)"|([^";:,]*))', 'g') with ordinality as p (found, i);
end;
alter function scheduler_private.read_parameters(text) owner to scheduler_owner;
revoke all on function scheduler_private.read_parameters(text) from public;
comment on function scheduler_private.read_parameters(text) is 'The parameters in the head of a content line (RFC 5545 section 3.2), names in upper case; the head is well formed.';
