import { setImmediate } from 'node:timers/promises';
import { IANAZone } from 'luxon';
import type pg from 'pg';
import { expect } from 'vitest';
import { openPool } from '../harness/database.ts';
import {
  canonical,
  localTimesAround,
  type OffsetChange,
  offsetChanges,
  offsetOf,
  resolve,
} from './offsets.ts';
import { test } from './session.ts';

/** What luxon says of a zone, and so of its aliases. */
interface Expected {
  readonly changes: readonly OffsetChange[];
  /** instants around each change, at which both must know the same offsets to be compared */
  readonly probes: readonly number[];
  readonly offsets: readonly number[];
  /** local times around each change */
  readonly locals: readonly number[];
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const hour = 3_600_000;
const probesAround = ({ at }: OffsetChange) =>
  [-50 * hour, -26 * hour, -1_000, 0, 26 * hour, 50 * hour].map((off) => at + off);

function expectedOf(name: string): Expected {
  const zone = IANAZone.create(name);
  const changes = offsetChanges(zone);
  const probes = changes.flatMap(probesAround);
  const locals = changes.flatMap(localTimesAround);
  const resolved = locals.map((local) => resolve(zone, local));
  return {
    changes,
    probes,
    offsets: probes.map((at) => offsetOf(zone, at)),
    locals,
    first: resolved.map(({ first }) => first),
    last: resolved.map(({ last }) => last),
  };
}

const milliseconds = (what: string) => `(extract(epoch from ${what}) * 1000)::float8`;
const asUtc = 'to_timestamp(ms / 1000)';
const question = `
  select
    (select array_agg(${milliseconds(`scheduler_private.utc_offset(${asUtc}, $1)`)} order by i)
      from unnest($2::float8[]) with ordinality as p (ms, i)) as offsets,
    array_agg(${milliseconds(`scheduler_private.resolve_local(${asUtc} at time zone 'UTC', $1, 'first')`)} order by i) as first,
    array_agg(${milliseconds(`scheduler_private.resolve_local(${asUtc} at time zone 'UTC', $1, 'last')`)} order by i) as last
  from unnest($3::float8[]) with ordinality as l (ms, i)`;

interface Answer {
  readonly offsets: number[];
  readonly first: number[];
  readonly last: number[];
}

/** One zone: how many changes were compared and skipped, and where the two differ. */
async function compare(pool: pg.Pool, name: string, expected: Expected) {
  const { rows } = await pool.query<Answer>(question, [name, expected.probes, expected.locals]);
  const answer = rows[0] as Answer;
  const differences: string[] = [];
  let skipped = 0;
  expected.changes.forEach((change, i) => {
    const [probes, locals] = [probesAround(change).length, localTimesAround(change).length];
    const known = slice(expected.offsets, i, probes);
    if (String(known) !== String(slice(answer.offsets, i, probes))) {
      skipped += 1;
      return;
    }
    for (const policy of ['first', 'last'] as const) {
      const [ours, luxons] = [answer[policy], expected[policy]].map((all) => slice(all, i, locals));
      if (String(ours) !== String(luxons)) {
        const at = new Date(change.at).toISOString();
        differences.push(`${name} ${at} ${policy}: ${ours}, luxon ${luxons}`);
      }
    }
  });
  return { compared: expected.changes.length, skipped, differences };
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

const slice = (all: readonly number[], i: number, size: number) =>
  all.slice(i * size, (i + 1) * size);

test('around every offset change of every zone, as luxon has it', async ({
  database,
  db,
  onTestFinished,
}) => {
  const pool = openPool({ connectionString: database.url, max: 1 });
  onTestFinished(() => pool.end());
  const zones = await db.rows<{ name: string }>('select name from scheduler_private.timezones');
  expect(zones.length).toBeGreaterThan(500);
  const known = new Map<string, Expected>();
  const comparisons: ReturnType<typeof compare>[] = [];
  for (const { name } of zones) {
    const same = canonical(name);
    const expected = known.get(same) ?? expectedOf(same);
    known.set(same, expected);
    if (expected.changes.length === 0) continue;
    comparisons.push(compare(pool, name, expected));
    // Postgres works on this zone while luxon works on the next one.
    await setImmediate();
  }
  const results = await Promise.all(comparisons);
  const changes = sum(results.map((result) => result.compared));
  const skipped = sum(results.map((result) => result.skipped));
  expect(results.flatMap((result) => result.differences)).toEqual([]);
  expect(changes).toBeGreaterThan(20_000);
  expect(skipped / changes, `${skipped} of ${changes} changes skipped`).toBeLessThan(0.02);
}, 90_000);

test.for([
  [
    'a gap is shifted forward',
    '2025-03-09T02:30:00',
    'America/New_York',
    'first',
    '2025-03-09T07:30:00Z',
  ],
  [
    'a gap is shifted forward',
    '2025-03-09T02:30:00',
    'America/New_York',
    'last',
    '2025-03-09T07:30:00Z',
  ],
  ['the first of two', '2025-11-02T01:30:00', 'America/New_York', 'first', '2025-11-02T05:30:00Z'],
  ['the last of two', '2025-11-02T01:30:00', 'America/New_York', 'last', '2025-11-02T06:30:00Z'],
  ['half an hour', '2025-04-06T01:45:00', 'Australia/Lord_Howe', 'last', '2025-04-05T15:15:00Z'],
  [
    'a day that was left out',
    '2011-12-30T12:00:00',
    'Pacific/Apia',
    'first',
    '2011-12-30T22:00:00Z',
  ],
  [
    'a day that came twice',
    '1969-09-30T12:00:00',
    'Pacific/Kwajalein',
    'last',
    '1969-10-01T00:00:00Z',
  ],
] as const)('%s: %s in %s, %s', async ([, local, timezone, overlap, instant], { db }) => {
  const at = await db.value('select scheduler_private.resolve_local($1::timestamp, $2, $3)', [
    local,
    timezone,
    overlap,
  ]);
  expect(at).toEqual(new Date(instant));
});

test('microseconds survive', async ({ db }) => {
  const at = `scheduler_private.resolve_local('2025-11-02 01:30:00.123457', 'America/New_York', 'last')`;
  expect(await db.value(`select (${at} at time zone 'UTC')::text`)).toBe(
    '2025-11-02 06:30:00.123457',
  );
});
