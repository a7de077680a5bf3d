create or replace function scheduler_private.find_number_list_error(
  p_part text,
  p_text text,
  p_from integer,
  p_to integer,
  p_from_end boolean
) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  return (
    select row('out_of_range', p_part, 'has ' || quote_excerpt(n.item),
      'Write whole numbers from ' || p_from || ' to ' || p_to
        || case when p_from_end then ' or from -' || p_to || ' to -' || p_from else '' end
        || ', separated by commas.')::recurrence_error
    from unnest(split_list(p_text, ',')) with ordinality as n (item, i)
    where not case
      when n.item ~ '^[0-9][0-9]?[0-9]?$' or (p_from_end and n.item ~ '^[+-][0-9][0-9]?[0-9]?$')
        then abs(n.item::integer) between p_from and p_to
      else false
    end
    order by n.i
    limit 1);
end
$$;
alter function scheduler_private.find_number_list_error(text, text, integer, integer, boolean) owner to scheduler_owner;
revoke all on function scheduler_private.find_number_list_error(text, text, integer, integer, boolean) from public;
comment on function scheduler_private.find_number_list_error(text, text, integer, integer, boolean) is 'The first of a list of numbers that is none, or out of range; p_from_end: -1 is the last; null: all are right.';
