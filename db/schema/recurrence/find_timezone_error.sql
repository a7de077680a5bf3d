create or replace function scheduler_private.find_timezone_error(p_lines text[]) returns scheduler_private.recurrence_error
language plpgsql stable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  return (
    with lines as materialized (
      select t.i, read_content_line(t.line) as line
      from unnest(p_lines) with ordinality as t (line, i)
      where upper(t.line collate "C") like '%;TZID=%'
    ), zoned as (
      select l.i, (l.line).name as property,
        (l.line).parameter_values[array_position((l.line).parameter_names, 'TZID')] as timezone,
        upper(coalesce((l.line).parameter_values[array_position((l.line).parameter_names, 'VALUE')], 'DATE-TIME') collate "C") as type,
        read_date_list(l.line) as dates
      from lines l
    ), named as (
      select z.property, z.timezone, min(z.i) as i, row_number() over (partition by z.property order by min(z.i)) as nth
      from zoned z
      where z.timezone is not null and exists (select from unnest(z.dates) d (value) where needs_zone(z.type, d.value))
      group by z.property, z.timezone
    )
    select case
      when n.nth > 16 and t.name is not null then
        row('too_large', 'TZID', 'names too many zones', 'At most 16 different ones are taken.')::recurrence_error
      else
        row('unknown_timezone', 'TZID', 'of ' || n.property || ' is ' || quote_excerpt(n.timezone) || ', no known time zone', 'Write UTC or an IANA name like Asia/Tokyo.')::recurrence_error
    end
    from named n
    left join timezones t on t.name = n.timezone
    where t.name is null or n.nth > 16
    -- RDATE comes before EXDATE.
    order by n.property desc, n.i
    limit 1);
end
$$;
alter function scheduler_private.find_timezone_error(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_timezone_error(text[]) from public;
comment on function scheduler_private.find_timezone_error(text[]) is 'The first TZID of well-formed lines that is not in timezones, or one too many; null: none.';
