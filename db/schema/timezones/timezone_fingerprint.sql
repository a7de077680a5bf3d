create or replace function scheduler_private.timezone_fingerprint(p_now timestamptz default null) returns bytea
language sql stable
set search_path = scheduler_private, pg_temp
as $$
  select sha256(convert_to(string_agg(format('%s %s', z.name, utc_offset(i.instant, z.name)), ',' order by z.name, i.instant), 'UTF8'))
  from timezones z
  cross join generate_series(
    date_trunc('year', coalesce(p_now, now()), 'UTC'), date_trunc('year', coalesce(p_now, now()), 'UTC') + interval '4 years', interval '10 days') as i (instant)
$$;
alter function scheduler_private.timezone_fingerprint(timestamptz) owner to scheduler_owner;
revoke all on function scheduler_private.timezone_fingerprint(timestamptz) from public;
grant execute on function scheduler_private.timezone_fingerprint(timestamptz) to scheduler_engine;
comment on function scheduler_private.timezone_fingerprint(timestamptz) is 'Tells the time zone database of this Postgres from another one by the offsets of four years, one in ten days: Postgres does not tell its version.';
