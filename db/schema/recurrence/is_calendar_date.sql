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
