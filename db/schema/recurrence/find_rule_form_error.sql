create or replace function scheduler_private.find_rule_form_error(p_items text[], p_known text[]) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  return (
    select case
      when p.item !~ '^[^=]+=[^=]+$' then
        row('malformed', coalesce(nullif(left(p.name, 40), ''), 'RRULE'), 'reads ' || quote_excerpt(p.item), 'Write parts as NAME=value, separated by semicolons.')::recurrence_error
      when p.name <> all (p_known) then
        row('unsupported', left(p.name, 40), 'is no known part', 'The parts are ' || array_to_string(p_known, ', ') || '.')::recurrence_error
      else row('repeated', p.name, 'is there twice', 'Give it once.')::recurrence_error
    end
    from (
      select i.item, split_part(i.item, '=', 1) as name, i.i, row_number() over (partition by split_part(i.item, '=', 1) order by i.i) as nth
      from unnest(p_items) with ordinality as i (item, i)
    ) p
    where p.item !~ '^[^=]+=[^=]+$' or p.name <> all (p_known) or p.nth > 1
    order by p.i
    limit 1);
end
$$;
alter function scheduler_private.find_rule_form_error(text[], text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_form_error(text[], text[]) from public;
comment on function scheduler_private.find_rule_form_error(text[], text[]) is 'The first part of a rule that is not written NAME=value, not known or there twice; null: none.';
