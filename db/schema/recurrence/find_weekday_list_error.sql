create or replace function scheduler_private.find_weekday_list_error(p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  return (
    select row('out_of_range', 'BYDAY', 'has ' || quote_excerpt(d.item),
      'Write MO, TU, WE, TH, FR, SA, SU, or with a number, 1 to 53 or -53 to -1: 2MO, -1FR.')::recurrence_error
    from unnest(split_list(p_text, ',')) with ordinality as d (item, i)
    where not case
      when d.item in ('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU') then true
      when d.item ~ '^[+-]?[0-9][0-9]?(?:MO|TU|WE|TH|FR|SA|SU)$' then abs(left(d.item, -2)::integer) between 1 and 53
      else false
    end
    order by d.i
    limit 1);
end
$$;
alter function scheduler_private.find_weekday_list_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_weekday_list_error(text) from public;
comment on function scheduler_private.find_weekday_list_error(text) is 'The first value of BYDAY that is none; null: all are right.';
