import pino from 'pino';
import { expect, test } from 'vitest';
import { Zones } from '../../../recurrence/index.ts';
import { Expansion } from '../../../relay/expansion/expansion.ts';
import type { ExpandedSeries, MarkedSeries } from '../../../relay/expansion/marked-series.ts';
import type { LaneDatabase } from '../../../relay/lane-database.ts';

const START = 1_748_739_600;

function marked(id: string, recurrence = 'RRULE:FREQ=DAILY', timezone = 'UTC'): MarkedSeries {
  const rule = { number: 1, start: START, timezone, gap: 'shift' as const, overlap: null };
  return {
    id,
    version: '1',
    missed: null,
    revisions: [{ ...rule, recurrence, closedAt: null }],
    watermark: null,
    createdAt: START,
    now: START,
    checked: true,
    unsettled: [],
  };
}

/** A lane's database with marked series, of which those that are stored leave. */
class FakeDatabase {
  marked: MarkedSeries[];
  /** ids of each call */
  readonly stored: string[][] = [];
  readonly limits: number[] = [];
  outdated: number[] = [];
  refuses = false;

  constructor(...series: MarkedSeries[]) {
    this.marked = series;
  }

  async seriesToExpand(limit: number): Promise<MarkedSeries[]> {
    this.limits.push(limit);
    return this.marked.slice(0, limit);
  }

  async storeOccurrences(expanded: readonly ExpandedSeries[]): Promise<number> {
    const ids = expanded.map(({ id }) => id);
    this.stored.push(ids);
    if (this.refuses) return 0;
    this.marked = this.marked.filter(({ id }) => !ids.includes(id));
    return ids.length;
  }

  async markOutdatedSeries(): Promise<number> {
    return this.outdated.shift() ?? 0;
  }
}

function expansionOf(fake: FakeDatabase, zones = new Zones()): Expansion {
  // Of all that a lane says to its database only this is said here.
  const database = fake as Partial<LaneDatabase> as LaneDatabase;
  return new Expansion({ database, zones, log: pino({ level: 'silent' }) });
}

test('marked series are stored some at a time, until none is left', async () => {
  const fake = new FakeDatabase(...Array.from({ length: 70 }, (_, n) => marked(`${n}`)));
  const expansion = expansionOf(fake);
  while (fake.marked.length > 0) expect(await expansion.advance(true)).toBe(0);
  expect(fake.stored.flat()).toEqual(Array.from({ length: 70 }, (_, n) => `${n}`));
  expect(Math.max(...fake.stored.map((ids) => ids.length))).toBeLessThanOrEqual(50);
  expect(await expansion.advance(false)).toBe(Number.POSITIVE_INFINITY);
});

test('a series that breaks the expansion stops none of the others, and is not tried again at once', async () => {
  const zones = new Zones();
  const get = zones.get.bind(zones);
  let tried = 0;
  zones.get = (name) => {
    if (name !== 'Asia/Tokyo') return get(name);
    tried += 1;
    throw new TypeError('a bug');
  };
  const fake = new FakeDatabase(
    marked('a'),
    marked('broken', 'RRULE:FREQ=DAILY', 'Asia/Tokyo'),
    marked('b'),
  );
  const expansion = expansionOf(fake, zones);
  expect(await expansion.advance(true)).toBe(0);
  expect(fake.stored).toEqual([['a', 'b']]);
  // Nothing is left that could be done: the lane may rest.
  expect(await expansion.advance(true)).toBe(Number.POSITIVE_INFINITY);
  expect(tried).toBe(1);
  // It does not take the place of others, and is tried again when it has changed.
  expect(fake.limits[1]).toBe((fake.limits[0] ?? 0) + 1);
  fake.marked = fake.marked.map((series) => ({ ...series, version: '2' }));
  await expansion.advance(true);
  expect(tried).toBe(2);
});

test('a series whose zone is not known here is left to others, and fails when it is a new one', async () => {
  const there = marked('elsewhere', 'RRULE:FREQ=DAILY', 'Mars/Olympus');
  const fake = new FakeDatabase(there, { ...there, id: 'new', checked: false });
  await expansionOf(fake).advance(true);
  expect(fake.stored).toEqual([['new']]);
});

test('what has changed while it was expanded is tried again, a little later', async () => {
  const fake = new FakeDatabase(marked('a'));
  fake.refuses = true;
  const pause = await expansionOf(fake).advance(true);
  expect(pause).toBeGreaterThan(0);
  expect(pause).toBeLessThan(1_000);
});

test('series of an older time zone database are looked for until there are none, and again after a restart', async () => {
  const fake = new FakeDatabase();
  fake.outdated = [200, 3, 0, 7, 0];
  const expansion = expansionOf(fake);
  const pauses = [];
  for (let look = 0; look < 4; look++) pauses.push(await expansion.advance(false));
  expect(pauses).toEqual([0, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  expect(fake.outdated).toEqual([7, 0]);
  expansion.restart();
  expect(await expansion.advance(false)).toBe(0);
});

test('a database that knows no series is not asked for any', async () => {
  const fake = new FakeDatabase(marked('a'));
  fake.outdated = [1];
  expect(await expansionOf(fake).advance(null)).toBe(Number.POSITIVE_INFINITY);
  expect([fake.limits, fake.outdated]).toEqual([[], [1]]);
});
