create or replace function scheduler_private.find_parameter_error(p_line scheduler_private.content_line, p_known text[]) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_line.parameter_names <@ p_known then
    return null;
  end if;
  return (
    select row('unsupported', left(p.name, 40), 'is no parameter of ' || p_line.name,
      case p_known when '{}' then 'It takes none.' else 'It takes ' || array_to_string(p_known, ' and ') || '.' end)::recurrence_error
    from unnest(p_line.parameter_names) with ordinality as p (name, i)
    where p.name <> all (p_known)
    order by p.i
    limit 1);
end
$$;
alter function scheduler_private.find_parameter_error(scheduler_private.content_line, text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_parameter_error(scheduler_private.content_line, text[]) from public;
comment on function scheduler_private.find_parameter_error(scheduler_private.content_line, text[]) is 'The first parameter that a property does not take; null: it takes all.';
