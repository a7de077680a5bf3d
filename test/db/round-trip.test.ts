import { IANAZone } from 'luxon';
import { expect } from 'vitest';
import { offsetChanges } from './offsets.ts';
import { creation, newEvent, replacement, schedule, test } from './session.ts';

/** Each instant given with offset, with Z and as wall time under both policies. */
const roundTrips = `
  with given as (
    select $1::text as name, to_timestamp(ms / 1000) + interval '0.123457 seconds' as instant, form, overlap
    from unnest($2::float8[]) ms, unnest(array['Z', 'offset', 'local']) form, unnest(array['first', 'last']) overlap
  ), texts as (
    select *, case form
      when 'Z' then to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
      when 'local' then to_char(instant at time zone name, 'YYYY-MM-DD"T"HH24:MI:SS.US')
      else to_char(instant at time zone name, 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || case when utc_offset < '0' then '-' else '+' end
        || to_char(greatest(utc_offset, -utc_offset), 'HH24:MI')
    end as text
    from given, scheduler_private.utc_offset(instant, name) utc_offset
    where form <> 'offset' or extract(second from utc_offset) = 0
  ), once as materialized (
    select *, scheduler_private.parse_moment(text, name, overlap, 'x') as moment from texts
  ), back as materialized (
    select *, scheduler_private.format_moment((moment).local, (moment).instant, (moment).second_pass) as again from once
  ), twice as materialized (
    select *, scheduler_private.parse_moment(again, name, overlap, 'x') as second from back
  )
  select count(*)::int as tried, count(*) filter (where (moment).second_pass)::int as second_passes,
    coalesce(jsonb_agg(jsonb_build_array(name, text, overlap, again)) filter (
      where second is distinct from moment or form <> 'local' and (moment).instant <> instant
        -- In a zone that is at UTC itself, Z is the offset of the second pass.
        or form = 'Z' and replace(again, '+00:00', 'Z') <> text), '[]') as moved
  from twice`;

// Requirements, section 3: what a client got from GET and PUTs back never moves.
test('what is read back around doubled wall times, given again, is the same', async ({ db }) => {
  const zones = await db.rows<{ name: string }>(
    'select name from scheduler_private.timezones order by name',
  );
  let [tried, secondPasses] = [0, 0];
  for (const { name } of zones.filter((_, i) => i % 40 === 3)) {
    const instants = offsetChanges(IANAZone.create(name))
      .filter(({ before, after }, i) => after < before && i % 5 < 2)
      .flatMap(({ at }) =>
        [-120, -90, -61, -60, -45, -1, 0, 1, 29, 45, 59, 60, 90].map((m) => at + m * 60_000),
      );
    const result = await db.row(roundTrips, [name, instants]);
    expect(result.moved).toEqual([]);
    tried += result.tried;
    secondPasses += result.second_passes;
  }
  expect(tried).toBeGreaterThan(5_000);
  expect(secondPasses).toBeGreaterThan(500);
});

test.for([
  ['2024-11-03T01:30:00.000001-05:00', 'America/New_York', 'first'],
  ['2024-11-03T01:30:00.000001-05:00', 'America/New_York', 'last'],
  ['2024-11-03T01:30:00.000001-04:00', 'America/New_York', 'last'],
  ['2024-11-03T01:30:00.5', 'America/New_York', 'last'],
  ['2024-03-10T02:30:00', 'America/New_York', 'first'],
  ['2024-11-03T06:30:00.123456Z', 'America/New_York', 'first'],
  ['2024-04-07T01:45:00+10:30', 'Australia/Lord_Howe', 'first'],
  ['2024-10-27T02:30:00+01:00', 'Europe/Berlin', 'first'],
] as const)('PUT of what GET says about %s in %s, %s', async ([at, timezone, overlap], { db }) => {
  const created = await schedule(db, { scheduled_at: at, ends_at: at, timezone, overlap });
  const { scheduled_at, ends_at } = created;
  const back = { ...created, scheduled_at, ends_at };
  const replaced = await db.row(...replacement(created.id, back, 'SCHEDULED'));
  expect({ ...replaced, updated_at: null }).toEqual({ ...created, updated_at: null });
  const exact = `select scheduled_instant::text, ends_instant::text from scheduler_private.events where id = $1`;
  const copy = await db.row(...creation(newEvent({ scheduled_at, ends_at, timezone, overlap })));
  expect(await db.row(exact, [copy.id])).toEqual(await db.row(exact, [created.id]));
});

// They read back with their parts carried over: months to years, minutes to hours, weeks to days.
test.for([
  'P1Y2M3W4DT5H6M7.8S',
  'P9999Y9M',
  'P9999Y12M',
  'P9999W999999D',
  'PT999999H60M',
  'PT999999999S',
])('a maxLateness of %s is refused, or is taken as it reads back', async (duration, { db }) => {
  const event = newEvent({ max_lateness: duration });
  const created = await db.refusalOf(() => db.row(...creation(event))).catch(() => undefined);
  if (created?.code === 'invalid_duration') return;
  const { id, max_lateness } = await db.row(...creation(event));
  expect(await db.row(...replacement(id, { max_lateness }))).toMatchObject({ max_lateness });
});
