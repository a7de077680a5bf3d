--! Previous: sha1:08e4675b789cdda54592447f2d2c6f04905becd3
--! Hash: sha1:ab477a5b5d78a4257e506fc6caedd36f77021b6d
--! Message: grammar of recurrences

insert into scheduler_private.error_codes (code, sqlstate, http_status, title, hint) values
  ('invalid_recurrence', 'SC014', 400, 'The recurrence is not valid', 'Send RRULE, RDATE and EXDATE lines of RFC 5545 that have an occurrence.');

--! Included types/recurrence_error.sql
create type scheduler_private.recurrence_error as (
  code text,
  part text,
  problem text,
  remedy text
);
alter type scheduler_private.recurrence_error owner to scheduler_owner;
comment on type scheduler_private.recurrence_error is 'Why a recurrence is refused, in the words of RecurrenceError in recurrence/errors.ts: its code, the property or part at fault, a problem that completes a sentence that begins with the part, and what would be right.';
--! EndIncluded types/recurrence_error.sql
--! Included types/content_line.sql
create type scheduler_private.content_line as (
  name text,
  parameter_names text[],
  parameter_values text[],
  value text
);
alter type scheduler_private.content_line owner to scheduler_owner;
comment on type scheduler_private.content_line is 'A content line (RFC 5545 section 3.1), names in upper case.';
--! EndIncluded types/content_line.sql

--! Included recurrence/quote_excerpt.sql
create or replace function scheduler_private.quote_excerpt(p_text text) returns text
language sql immutable parallel safe
return to_json(case when length(p_text) > 40 then left(p_text, 40) || '…' else p_text end)::text;
alter function scheduler_private.quote_excerpt(text) owner to scheduler_owner;
revoke all on function scheduler_private.quote_excerpt(text) from public;
comment on function scheduler_private.quote_excerpt(text) is 'A piece of the caller''s text, short and on one line, for a message.';
--! EndIncluded recurrence/quote_excerpt.sql
--! Included recurrence/split_list.sql
create or replace function scheduler_private.split_list(p_text text, p_delimiter text) returns text[]
language sql immutable parallel safe
return case p_text when '' then array[''] else string_to_array(p_text, p_delimiter) end;
alter function scheduler_private.split_list(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.split_list(text, text) from public;
comment on function scheduler_private.split_list(text, text) is 'Splits at a delimiter; of nothing there is one piece, an empty one.';
--! EndIncluded recurrence/split_list.sql
--! Included recurrence/unfold_content_lines.sql
create or replace function scheduler_private.unfold_content_lines(p_text text) returns text[]
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  -- In this order: joining a folded line may put an end of line together.
  return (
    select coalesce(array_agg(l.line order by l.i), '{}')
    from string_to_table(replace(regexp_replace(p_text, '\r?\n[ \t]', '', 'g'), e'\r\n', e'\n'), e'\n') with ordinality as l (line, i)
    where l.line <> '');
end
$$;
alter function scheduler_private.unfold_content_lines(text) owner to scheduler_owner;
revoke all on function scheduler_private.unfold_content_lines(text) from public;
comment on function scheduler_private.unfold_content_lines(text) is 'The lines of a recurrence, which end with \n or \r\n: folded ones joined (RFC 5545 section 3.1), empty ones left out.';
--! EndIncluded recurrence/unfold_content_lines.sql
--! Included recurrence/read_parameters.sql
create or replace function scheduler_private.read_parameters(p_head text) returns table (place bigint, name text, value text)
language sql immutable parallel safe
begin atomic
  select p.i, upper(p.found[1] collate "C"), coalesce(p.found[2], p.found[3])
  from regexp_matches(p_head, ';([A-Za-z0-9-]+)=(?:"([^"]*)"|([^";:,]*))', 'g') with ordinality as p (found, i);
end;
alter function scheduler_private.read_parameters(text) owner to scheduler_owner;
revoke all on function scheduler_private.read_parameters(text) from public;
comment on function scheduler_private.read_parameters(text) is 'The parameters in the head of a content line (RFC 5545 section 3.2), names in upper case; the head is well formed.';
--! EndIncluded recurrence/read_parameters.sql
--! Included recurrence/read_content_line.sql
create or replace function scheduler_private.read_content_line(p_line text) returns scheduler_private.content_line
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_head constant text := substring(p_line from '^[A-Za-z0-9-]+(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*))*:');
  v_line content_line := row(upper(split_part(rtrim(v_head, ':'), ';', 1) collate "C"), '{}', '{}', substr(p_line, length(v_head) + 1))::content_line;
begin
  if v_head is null then
    return row('RRULE', '{}', '{}', p_line)::content_line;
  elsif length(v_head) > length(v_line.name) + 1 then
    select array_agg(p.name order by p.place), array_agg(p.value order by p.place)
      into v_line.parameter_names, v_line.parameter_values
      from read_parameters(v_head) p;
  end if;
  return v_line;
end
$$;
alter function scheduler_private.read_content_line(text) owner to scheduler_owner;
revoke all on function scheduler_private.read_content_line(text) from public;
comment on function scheduler_private.read_content_line(text) is 'Takes a well-formed content line apart. One that begins with a rule part (FREQ=…) is an RRULE without its name.';
--! EndIncluded recurrence/read_content_line.sql
--! Included recurrence/find_content_line_error.sql
create or replace function scheduler_private.find_content_line_error(p_line text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_name constant text := upper(substring(p_line from '^[A-Za-z0-9-]*') collate "C");
  v_delimiter constant text := substr(p_line, length(v_name) + 1, 1);
  v_head text;
  v_repeated text;
begin
  if p_line ~ '[^\x20-\x7e]' then
    return row('malformed', 'recurrence', 'has ' || quote_excerpt(p_line), 'Only printable ASCII has a meaning here; lines end with \n or \r\n.')::recurrence_error;
  elsif v_name <> '' and v_delimiter = '=' then
    return null;
  elsif v_name = '' or v_delimiter not in (':', ';') then
    return row('malformed', 'recurrence', 'has the line ' || quote_excerpt(p_line), 'A line is written NAME:value or NAME;PARAMETER=value:value.')::recurrence_error;
  end if;

  v_head := substring(p_line from '^[A-Za-z0-9-]+(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?=[;:]))*');
  select p.name into v_repeated
  from (select r.name, r.place, row_number() over (partition by r.name order by r.place) as nth from read_parameters(v_head) r) p
  where p.nth > 1
  order by p.place
  limit 1;
  if found then
    return row('repeated', left(v_repeated, 40), 'is there twice in ' || left(v_name, 40), 'Give it once.')::recurrence_error;
  elsif substr(p_line, length(v_head) + 1, 1) <> ':' then
    return row('malformed', left(v_name, 40), 'has parameters that cannot be read in ' || quote_excerpt(p_line), 'Parameters are written ;NAME=value, and a colon comes before the value.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_content_line_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_content_line_error(text) from public;
comment on function scheduler_private.find_content_line_error(text) is 'What is wrong with the form of a content line (RFC 5545 section 3.1), whatever its name; null: nothing.';
--! EndIncluded recurrence/find_content_line_error.sql
--! Included recurrence/find_form_error.sql
create or replace function scheduler_private.find_form_error(p_lines text[]) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  return (
    select l.error
    from (
      select t.i, find_content_line_error(t.line) as error
      from unnest(p_lines) with ordinality as t (line, i)
      -- Most are plainly well formed.
      where t.line !~ '^[A-Za-z0-9-]+[:=][ -~]*$'
    ) l
    where l.error is not null
    order by l.i
    limit 1);
end
$$;
alter function scheduler_private.find_form_error(text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_form_error(text[]) from public;
comment on function scheduler_private.find_form_error(text[]) is 'The first line that is not well formed, and why; null: all are.';
--! EndIncluded recurrence/find_form_error.sql
--! Included recurrence/is_calendar_date.sql
create or replace function scheduler_private.is_calendar_date(p_digits text) returns boolean
language sql immutable parallel safe
return left(p_digits, 4) <> '0000' and substr(p_digits, 7, 2) between '01' and case
  when substr(p_digits, 5, 2) in ('01', '03', '05', '07', '08', '10', '12') then '31'
  when substr(p_digits, 5, 2) in ('04', '06', '09', '11') then '30'
  when substr(p_digits, 5, 2) <> '02' then '00'
  when left(p_digits, 4)::integer % 4 = 0 and (substr(p_digits, 3, 2) <> '00' or left(p_digits, 4)::integer % 400 = 0) then '29'
  else '28'
end;
alter function scheduler_private.is_calendar_date(text) owner to scheduler_owner;
revoke all on function scheduler_private.is_calendar_date(text) from public;
comment on function scheduler_private.is_calendar_date(text) is 'Whether eight digits are a date from 00010101 to 99991231.';
--! EndIncluded recurrence/is_calendar_date.sql
--! Included recurrence/find_date_error.sql
create or replace function scheduler_private.find_date_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if translate(p_text, '123456789', '000000000') <> '00000000' then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no date', 'Write dates like 20250423.')::recurrence_error;
  elsif not is_calendar_date(p_text) then
    return row('out_of_range', p_part, 'has the date ' || quote_excerpt(p_text), 'Dates are those of the calendar, from 00010101 to 99991231.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_date_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_date_error(text, text) from public;
comment on function scheduler_private.find_date_error(text, text) is 'What is wrong with a date (RFC 5545 section 3.3.4); null: nothing.';
--! EndIncluded recurrence/find_date_error.sql
--! Included recurrence/find_date_time_error.sql
create or replace function scheduler_private.find_date_time_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if translate(p_text, '123456789', '000000000') not in ('00000000T000000', '00000000T000000Z') then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no date-time', case p_part
      when 'UNTIL' then 'Write it like 20250423, 20250423T010000 or, in UTC, 20250423T010000Z.'
      else 'Write it like 20250423T010000 or, in UTC, 20250423T010000Z; for dates add VALUE=DATE.'
    end)::recurrence_error;
  -- 60 is a leap second, which reads as 59.
  elsif substr(p_text, 10, 2) > '23' or substr(p_text, 12, 2) > '59' or substr(p_text, 14, 2) > '60' then
    return row('out_of_range', p_part, 'has the time ' || quote_excerpt(p_text), 'Hours go from 00 to 23, minutes and seconds from 00 to 59.')::recurrence_error;
  elsif not is_calendar_date(left(p_text, 8)) then
    return find_date_error(p_part, left(p_text, 8));
  end if;
  return null;
end
$$;
alter function scheduler_private.find_date_time_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_date_time_error(text, text) from public;
comment on function scheduler_private.find_date_time_error(text, text) is 'What is wrong with a date-time, local or in UTC (RFC 5545 section 3.3.5); null: nothing.';
--! EndIncluded recurrence/find_date_time_error.sql
--! Included recurrence/find_duration_error.sql
create or replace function scheduler_private.find_duration_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_numbers text[];
begin
  -- The longest legal one: +P999999DT999999999H999999999M999999999S.
  if length(p_text) <= 40 then
    v_numbers := regexp_match(p_text, '^\+?P(?:([0-9]+)W|(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?)$');
  end if;
  if v_numbers is null or p_text !~ '[1-9]'
    or coalesce(length(v_numbers[1]), length(v_numbers[2])) > 6
    or greatest(length(v_numbers[3]), length(v_numbers[4]), length(v_numbers[5])) > 9 then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no duration', 'Write positive durations like PT30M, P1DT12H or P2W.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_duration_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_duration_error(text, text) from public;
comment on function scheduler_private.find_duration_error(text, text) is 'What is wrong with a positive duration (RFC 5545 section 3.3.6); null: nothing.';
--! EndIncluded recurrence/find_duration_error.sql
--! Included recurrence/find_period_error.sql
create or replace function scheduler_private.find_period_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_start constant text := split_part(p_text, '/', 1);
  v_end constant text := split_part(p_text, '/', 2);
  v_error recurrence_error;
begin
  if p_text !~ '^[^/]*/[^/]*$' then
    return row('malformed', p_part, 'has ' || quote_excerpt(p_text) || ', no period', 'Write periods like 20250423T010000Z/20250423T020000Z or 20250423T010000Z/PT1H.')::recurrence_error;
  elsif v_end ~ '^[+-]?P' then
    v_error := find_duration_error(p_part, v_end);
  else
    v_error := find_date_time_error(p_part, v_end);
  end if;
  if v_error is null then
    return find_date_time_error(p_part, v_start);
  end if;
  return v_error;
end
$$;
alter function scheduler_private.find_period_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_period_error(text, text) from public;
comment on function scheduler_private.find_period_error(text, text) is 'What is wrong with a period, from a date-time to another or of a duration (RFC 5545 section 3.3.9); null: nothing. Whether it ends after its start depends on zones and is not looked at.';
--! EndIncluded recurrence/find_period_error.sql
--! Included recurrence/find_parameter_error.sql
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
--! EndIncluded recurrence/find_parameter_error.sql
--! Included recurrence/read_date_list.sql
create or replace function scheduler_private.read_date_list(p_line scheduler_private.content_line) returns text[]
language sql immutable parallel safe
return scheduler_private.split_list(upper(regexp_replace((p_line).value, ';$', '') collate "C"), ',');
alter function scheduler_private.read_date_list(scheduler_private.content_line) owner to scheduler_owner;
revoke all on function scheduler_private.read_date_list(scheduler_private.content_line) from public;
comment on function scheduler_private.read_date_list(scheduler_private.content_line) is 'The values of an RDATE or EXDATE line; a semicolon behind them is tolerated.';
--! EndIncluded recurrence/read_date_list.sql
--! Included recurrence/find_date_list_error.sql
create or replace function scheduler_private.find_date_list_error(p_line scheduler_private.content_line) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_types constant text[] := case p_line.name when 'RDATE' then array['DATE-TIME', 'DATE', 'PERIOD'] else array['DATE-TIME', 'DATE'] end;
  v_type constant text := upper(coalesce(p_line.parameter_values[array_position(p_line.parameter_names, 'VALUE')], 'DATE-TIME') collate "C");
  v_error recurrence_error;
begin
  v_error := find_parameter_error(p_line, array['VALUE', 'TZID']);
  if v_error is not null then
    return v_error;
  elsif v_type <> all (v_types) then
    return row('unsupported', 'VALUE', 'is ' || quote_excerpt(v_type) || ' in ' || p_line.name, 'Write one of ' || array_to_string(v_types, ', ') || '.')::recurrence_error;
  end if;

  return (
    select d.error
    from (
      select v.i, case v_type
        when 'DATE' then find_date_error(p_line.name, v.value)
        when 'PERIOD' then find_period_error(p_line.name, v.value)
        else find_date_time_error(p_line.name, v.value)
      end as error
      from unnest(read_date_list(p_line)) with ordinality as v (value, i)
    ) d
    where d.error is not null
    order by d.i
    limit 1);
end
$$;
alter function scheduler_private.find_date_list_error(scheduler_private.content_line) owner to scheduler_owner;
revoke all on function scheduler_private.find_date_list_error(scheduler_private.content_line) from public;
comment on function scheduler_private.find_date_list_error(scheduler_private.content_line) is 'What is wrong with an RDATE or EXDATE line (RFC 5545 sections 3.8.5.1 and 3.8.5.2), its zone aside; null: nothing.';
--! EndIncluded recurrence/find_date_list_error.sql
--! Included recurrence/needs_zone.sql
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
--! EndIncluded recurrence/needs_zone.sql
--! Included recurrence/find_timezone_error.sql
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
--! EndIncluded recurrence/find_timezone_error.sql
--! Included recurrence/find_word_error.sql
create or replace function scheduler_private.find_word_error(p_part text, p_text text, p_words text[]) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if p_text <> all (p_words) then
    return row('out_of_range', p_part, 'is ' || quote_excerpt(p_text), 'Write one of ' || array_to_string(p_words, ', ') || '.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_word_error(text, text, text[]) owner to scheduler_owner;
revoke all on function scheduler_private.find_word_error(text, text, text[]) from public;
comment on function scheduler_private.find_word_error(text, text, text[]) is 'What is wrong with a rule part that is one of some words; null: nothing.';
--! EndIncluded recurrence/find_word_error.sql
--! Included recurrence/find_positive_error.sql
create or replace function scheduler_private.find_positive_error(p_part text, p_text text, p_greatest bigint) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  if length(p_text) <= 20 and p_text !~ '[^0-9]' then
    if p_text::numeric between 1 and p_greatest then
      return null;
    end if;
  end if;
  return row('out_of_range', p_part, 'is ' || quote_excerpt(p_text), 'Write a whole number from 1 to ' || p_greatest || '.')::recurrence_error;
end
$$;
alter function scheduler_private.find_positive_error(text, text, bigint) owner to scheduler_owner;
revoke all on function scheduler_private.find_positive_error(text, text, bigint) from public;
comment on function scheduler_private.find_positive_error(text, text, bigint) is 'What is wrong with a positive whole number, that of INTERVAL or COUNT; null: nothing.';
--! EndIncluded recurrence/find_positive_error.sql
--! Included recurrence/find_number_list_error.sql
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
--! EndIncluded recurrence/find_number_list_error.sql
--! Included recurrence/find_weekday_list_error.sql
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
--! EndIncluded recurrence/find_weekday_list_error.sql
--! Included recurrence/find_rule_part_error.sql
create or replace function scheduler_private.find_rule_part_error(p_part text, p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
begin
  case p_part
    when 'FREQ' then return find_word_error(p_part, p_text, array['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY']);
    -- A signed 32-bit number, as in other implementations.
    when 'INTERVAL' then return find_positive_error(p_part, p_text, 2147483647);
    when 'COUNT' then return find_positive_error(p_part, p_text, 1000000000000000);
    when 'UNTIL' then
      if translate(p_text, '123456789', '000000000') = '00000000' then
        return find_date_error(p_part, p_text);
      end if;
      return find_date_time_error(p_part, p_text);
    -- 60 is a leap second, which reads as 59.
    when 'BYSECOND' then return find_number_list_error(p_part, p_text, 0, 60, false);
    when 'BYMINUTE' then return find_number_list_error(p_part, p_text, 0, 59, false);
    when 'BYHOUR' then return find_number_list_error(p_part, p_text, 0, 23, false);
    when 'BYDAY' then return find_weekday_list_error(p_text);
    when 'BYMONTHDAY' then return find_number_list_error(p_part, p_text, 1, 31, true);
    when 'BYYEARDAY' then return find_number_list_error(p_part, p_text, 1, 366, true);
    when 'BYWEEKNO' then return find_number_list_error(p_part, p_text, 1, 53, true);
    when 'BYMONTH' then return find_number_list_error(p_part, p_text, 1, 12, false);
    when 'BYSETPOS' then return find_number_list_error(p_part, p_text, 1, 366, true);
    when 'WKST' then return find_word_error(p_part, p_text, array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);
    when 'SKIP' then return find_word_error(p_part, p_text, array['OMIT', 'BACKWARD', 'FORWARD']);
    when 'RSCALE' then
      if p_text <> 'GREGORIAN' then
        return row('unsupported', p_part, 'is ' || quote_excerpt(p_text), 'The only calendar is GREGORIAN.')::recurrence_error;
      end if;
  end case;
  return null;
end
$$;
alter function scheduler_private.find_rule_part_error(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_part_error(text, text) from public;
comment on function scheduler_private.find_rule_part_error(text, text) is 'What is wrong with the value of a rule part (ranges of RFC 5545 section 3.3.10; RSCALE and SKIP of RFC 7529); null: nothing.';
--! EndIncluded recurrence/find_rule_part_error.sql
--! Included recurrence/find_rule_form_error.sql
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
--! EndIncluded recurrence/find_rule_form_error.sql
--! Included recurrence/find_rule_conflict.sql
create or replace function scheduler_private.find_rule_conflict(p_parts jsonb) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_frequency constant text := p_parts ->> 'FREQ';
begin
  if p_parts ?& array['COUNT', 'UNTIL'] then
    return row('contradiction', 'COUNT', 'stands beside UNTIL', 'Give one of them.')::recurrence_error;
  elsif p_parts ? 'SKIP' and not p_parts ? 'RSCALE' then
    return row('contradiction', 'SKIP', 'stands without RSCALE', 'Write RSCALE=GREGORIAN, too.')::recurrence_error;
  elsif p_parts ? 'BYWEEKNO' and v_frequency <> 'YEARLY' then
    return row('contradiction', 'BYWEEKNO', 'stands in a ' || v_frequency || ' rule', 'It is for FREQ=YEARLY.')::recurrence_error;
  elsif p_parts ? 'BYYEARDAY' and v_frequency in ('MONTHLY', 'WEEKLY', 'DAILY') then
    return row('contradiction', 'BYYEARDAY', 'stands in a ' || v_frequency || ' rule', 'It is for FREQ=YEARLY, HOURLY, MINUTELY and SECONDLY.')::recurrence_error;
  elsif p_parts ? 'BYMONTHDAY' and v_frequency = 'WEEKLY' then
    return row('contradiction', 'BYMONTHDAY', 'stands in a WEEKLY rule', 'It is for every other FREQ.')::recurrence_error;
  elsif p_parts ->> 'BYDAY' ~ '[0-9]' and v_frequency not in ('YEARLY', 'MONTHLY') then
    return row('contradiction', 'BYDAY', 'has a number in a ' || v_frequency || ' rule', 'Numbers are for FREQ=MONTHLY and YEARLY.')::recurrence_error;
  elsif p_parts ->> 'BYDAY' ~ '[0-9]' and p_parts ? 'BYWEEKNO' then
    return row('contradiction', 'BYDAY', 'has a number beside BYWEEKNO', 'Write weekdays without numbers.')::recurrence_error;
  elsif p_parts ? 'BYSETPOS' and not p_parts ?| array['BYSECOND', 'BYMINUTE', 'BYHOUR', 'BYDAY', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH'] then
    return row('contradiction', 'BYSETPOS', 'stands alone', 'It picks from what another BY part gives.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_rule_conflict(jsonb) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_conflict(jsonb) from public;
comment on function scheduler_private.find_rule_conflict(jsonb) is 'Parts of a rule that RFC 5545 section 3.3.10 and RFC 7529 section 4.1 do not let stand together; null: none.';
--! EndIncluded recurrence/find_rule_conflict.sql
--! Included recurrence/find_rule_error.sql
create or replace function scheduler_private.find_rule_error(p_value text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_items constant text[] := split_list(regexp_replace(upper(p_value collate "C"), ';$', ''), ';');
  v_known constant text[] := array['FREQ', 'UNTIL', 'COUNT', 'INTERVAL', 'BYDAY', 'WKST', 'RSCALE', 'SKIP', 'BYSECOND', 'BYMINUTE', 'BYHOUR', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH', 'BYSETPOS'];
  v_parts jsonb;
  v_part text;
  v_error recurrence_error;
begin
  v_error := find_rule_form_error(v_items, v_known);
  if v_error is not null then
    return v_error;
  end if;
  select jsonb_object_agg(split_part(i.item, '=', 1), split_part(i.item, '=', 2)) into v_parts from unnest(v_items) as i (item);
  if not v_parts ? 'FREQ' then
    return row('missing', 'FREQ', 'is missing', 'Say how often: FREQ=DAILY.')::recurrence_error;
  end if;
  -- In the order of parseRule in recurrence/parse-rule.ts, so that of several mistakes both name the same.
  foreach v_part in array array['RSCALE', 'FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYSECOND', 'BYMINUTE', 'BYHOUR', 'BYDAY', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH', 'BYSETPOS', 'WKST', 'SKIP'] loop
    if v_parts ? v_part then
      v_error := find_rule_part_error(v_part, v_parts ->> v_part);
      if v_error is not null then
        return v_error;
      end if;
    end if;
  end loop;
  return find_rule_conflict(v_parts);
end
$$;
alter function scheduler_private.find_rule_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_rule_error(text) from public;
comment on function scheduler_private.find_rule_error(text) is 'What is wrong with the value of an RRULE (RFC 5545 section 3.3.10, RFC 7529); a semicolon behind it is tolerated; null: nothing.';
--! EndIncluded recurrence/find_rule_error.sql
--! Included recurrence/find_property_error.sql
create or replace function scheduler_private.find_property_error(p_line scheduler_private.content_line) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error recurrence_error;
begin
  if p_line.name in ('RDATE', 'EXDATE') then
    return find_date_list_error(p_line);
  elsif p_line.name <> 'RRULE' then
    return row('unsupported', left(p_line.name, 40), 'is not taken here', case p_line.name
      when 'DTSTART' then 'The start is the field scheduledAt.'
      when 'DTEND' then 'The end is the field endsAt.'
      when 'DURATION' then 'The end is the field endsAt.'
      when 'EXRULE' then 'It is obsolete (RFC 5545 section 8.3.2): write EXDATE lines.'
      else 'The properties are RRULE, RDATE and EXDATE.'
    end)::recurrence_error;
  end if;
  v_error := find_parameter_error(p_line, '{}');
  if v_error is null then
    return find_rule_error(p_line.value);
  end if;
  return v_error;
end
$$;
alter function scheduler_private.find_property_error(scheduler_private.content_line) owner to scheduler_owner;
revoke all on function scheduler_private.find_property_error(scheduler_private.content_line) from public;
comment on function scheduler_private.find_property_error(scheduler_private.content_line) is 'What is wrong with a well-formed line: its property, parameters or value; null: nothing.';
--! EndIncluded recurrence/find_property_error.sql
--! Included recurrence/find_size_error.sql
create or replace function scheduler_private.find_size_error(p_text text) returns scheduler_private.recurrence_error
language plpgsql immutable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_units integer := length(p_text);
begin
  -- As JavaScript counts: characters beyond U+FFFF are two. Where that decides nothing it would only take time.
  if v_units <= 262144 and octet_length(p_text) > 262144 then
    v_units := v_units + regexp_count(p_text, '[\U00010000-\U0010FFFF]');
  end if;
  if v_units > 262144 then
    return row('too_large', 'recurrence', 'has ' || v_units || ' characters', 'At most 262144 characters are taken.')::recurrence_error;
  end if;
  return null;
end
$$;
alter function scheduler_private.find_size_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_size_error(text) from public;
comment on function scheduler_private.find_size_error(text) is 'Whether a text is longer than any recurrence may be (limits.textLength in recurrence/limits.ts); null: it is not.';
--! EndIncluded recurrence/find_size_error.sql
--! Included recurrence/find_recurrence_error.sql
create or replace function scheduler_private.find_recurrence_error(p_text text) returns scheduler_private.recurrence_error
language plpgsql stable parallel safe
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error recurrence_error := find_size_error(p_text);
  v_lines text[];
  v_text text;
  v_line content_line;
  v_rules integer := 0;
  v_added integer := 0;
  v_excluded integer := 0;
begin
  if v_error is null then
    v_lines := unfold_content_lines(p_text);
    v_error := find_form_error(v_lines);
  end if;
  if v_error is not null then
    return v_error;
  end if;

  foreach v_text in array v_lines loop
    v_line := read_content_line(v_text);
    v_error := find_property_error(v_line);
    if v_error is not null then
      return v_error;
    elsif v_line.name = 'RRULE' then
      v_rules := v_rules + 1;
    elsif v_line.name = 'RDATE' then
      v_added := v_added + cardinality(read_date_list(v_line));
    else
      v_excluded := v_excluded + cardinality(read_date_list(v_line));
    end if;
    if greatest(v_added, v_excluded) > 10000 then
      return row('too_large', v_line.name, 'has too many dates', 'At most 10000 are taken.')::recurrence_error;
    end if;
  end loop;

  if v_rules > 16 then
    return row('too_large', 'RRULE', 'is there ' || v_rules || ' times', 'At most 16 are taken.')::recurrence_error;
  elsif v_rules + v_added = 0 then
    return row('missing', 'RRULE', 'is missing', 'Write at least one RRULE or RDATE.')::recurrence_error;
  elsif upper(p_text collate "C") like '%TZID%' then
    return find_timezone_error(v_lines);
  end if;
  return null;
end
$$;
alter function scheduler_private.find_recurrence_error(text) owner to scheduler_owner;
revoke all on function scheduler_private.find_recurrence_error(text) from public;
comment on function scheduler_private.find_recurrence_error(text) is 'The first mistake in the text of a recurrence: the grammar, ranges and limits of parse in recurrence/parse.ts, which names the same one, and TZIDs that are not in timezones; null: none. Whether anything matches is not looked at.';
--! EndIncluded recurrence/find_recurrence_error.sql
--! Included recurrence/check_recurrence.sql
create or replace function scheduler_private.check_recurrence(p_recurrence text, p_field text default 'recurrence') returns void
language plpgsql stable
set search_path = scheduler_private, pg_temp
as $$
declare
  v_error constant recurrence_error := find_recurrence_error(p_recurrence);
begin
  if v_error is not null then
    perform refuse('invalid_recurrence', p_field, v_error.part || ' ' || v_error.problem || '. ' || v_error.remedy);
  end if;
end
$$;
alter function scheduler_private.check_recurrence(text, text) owner to scheduler_owner;
revoke all on function scheduler_private.check_recurrence(text, text) from public;
comment on function scheduler_private.check_recurrence(text, text) is 'Raises invalid_recurrence unless a text is a recurrence as RFC 5545 writes it; the detail names the part and what would be right.';
--! EndIncluded recurrence/check_recurrence.sql

--! Included functions/normalise_event.sql
create or replace function scheduler_private.normalise_event(
  p_event scheduler.event_input,
  p_path text,
  p_max_message_bytes integer
) returns scheduler_private.normal_event
language plpgsql volatile
set search_path = scheduler_private, pg_temp
as $$
declare
  v normal_event;
  v_bytes integer;
begin
  v.id := coalesce(lower(nullif(p_event.id, '')), new_event_id());
  if v.id not like '________-____-____-____-____________' or v.id ~ '[^0-9a-f-]' or length(replace(v.id, '-', '')) <> 32 then
    perform refuse('invalid_id', p_path || 'id', format('%L is not a UUID.', left(p_event.id, 60)));
  end if;

  v.timezone := coalesce(nullif(p_event.timezone, ''), 'UTC');
  if not exists (select from timezones where name = v.timezone) then
    perform refuse('invalid_timezone', p_path || 'timezone', format('%L is not known.', left(v.timezone, 60)));
  end if;

  if nullif(p_event.recurrence, '') is not null then
    perform check_recurrence(p_event.recurrence, p_path || 'recurrence');
    perform refuse('recurrence_unsupported', p_path || 'recurrence');
  end if;
  v.gap := coalesce(nullif(p_event.gap, ''), 'shift');
  v.overlap := coalesce(nullif(p_event.overlap, ''), 'first');
  if v.gap <> 'shift' then
    perform refuse('invalid_policy', p_path || 'gap', format('%L does not fit a one-off event.', left(v.gap, 60)));
  elsif v.overlap not in ('first', 'last') then
    perform refuse('invalid_policy', p_path || 'overlap', format('%L does not fit a one-off event.', left(v.overlap, 60)));
  elsif nullif(p_event.missed, '') is not null then
    perform refuse('invalid_policy', p_path || 'missed', 'It is for series; a one-off event takes maxLateness.');
  end if;

  if nullif(p_event.scheduled_at, '') is null then
    perform refuse('invalid_date_time', p_path || 'scheduledAt', 'It is missing.');
  end if;
  v.scheduled := parse_moment(p_event.scheduled_at, v.timezone, v.overlap, p_path || 'scheduledAt');
  if nullif(p_event.ends_at, '') is not null then
    v.ends := parse_moment(p_event.ends_at, v.timezone, v.overlap, p_path || 'endsAt');
    if (v.ends).instant < (v.scheduled).instant then
      perform refuse('invalid_ends_at', p_path || 'endsAt');
    end if;
  end if;
  if nullif(p_event.max_lateness, '') is not null then
    v.max_lateness := parse_duration(p_event.max_lateness, p_path || 'maxLateness');
  end if;

  v.destination_topic := p_event.destination_topic;
  if topic_is_legal(v.destination_topic) is not true then
    perform refuse('invalid_topic', p_path || 'destinationTopic',
      coalesce(format('%L is not a topic to schedule to.', left(v.destination_topic, 60)), 'It is missing.'));
  end if;

  v.payload := p_event.payload;
  if v.payload is null then
    perform refuse('invalid_payload', p_path || 'payload', 'It is missing.');
  end if;
  v.key := nullif(p_event.key, '');
  v.headers := coalesce(p_event.headers, '{}');
  if v.headers <> '{}' then
    perform check_headers(v.headers, p_path);
  end if;
  v_bytes := message_bytes(v.payload, v.key, v.headers);
  if v_bytes > p_max_message_bytes then
    perform refuse('message_too_large', p_path || 'payload', format('%s bytes, at most %s.', v_bytes, p_max_message_bytes));
  end if;

  v.content_hash := sha256(convert_to(jsonb_build_array(
    format_moment((v.scheduled).local, (v.scheduled).instant, (v.scheduled).second_pass),
    format_moment((v.ends).local, (v.ends).instant, (v.ends).second_pass),
    v.timezone, v.destination_topic, v.gap, v.overlap, format_duration(v.max_lateness), v.key, v.headers)::text, 'UTF8')
    || v.payload);
  return v;
end
$$;
alter function scheduler_private.normalise_event(scheduler.event_input, text, integer) owner to scheduler_owner;
revoke all on function scheduler_private.normalise_event(scheduler.event_input, text, integer) from public;
comment on function scheduler_private.normalise_event(scheduler.event_input, text, integer) is 'Checks every field and gives the absent ones their defaults; an error names the field, after p_path.';
--! EndIncluded functions/normalise_event.sql
--! Included functions/schema_version.sql
create or replace function scheduler.schema_version() returns integer
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select 2
$$;
alter function scheduler.schema_version() owner to scheduler_owner;
revoke all on function scheduler.schema_version() from public;
grant execute on function scheduler.schema_version() to scheduler_api, scheduler_relay, scheduler_operator, scheduler_reader;
comment on function scheduler.schema_version() is E'@omit\nVersion of this schema: programs work with their own and the one before.';
--! EndIncluded functions/schema_version.sql
