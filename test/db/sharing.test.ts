import { describe, expect } from 'vitest';
import { type Lane, later, Relay } from './lanes.ts';
import { type Session, test } from './session.ts';

const lanes = 4;
const lease = '5 seconds';

/** Relays that live by the clock of the test: a round a second each, as relay/relay.ts does it. */
class Fleet {
  readonly relays: Relay[] = [];
  /** seconds */
  now = 0;
  readonly #db: Session;

  constructor(db: Session) {
    this.#db = db;
  }

  add(count: number): Relay[] {
    const added = Array.from({ length: count }, () => new Relay(this.#db));
    this.relays.push(...added);
    return added;
  }

  remove(relay: Relay): void {
    this.relays.splice(this.relays.indexOf(relay), 1);
  }

  async rounds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.now += 1;
      for (const relay of this.relays) await this.#round(relay);
    }
  }

  async #round(relay: Relay): Promise<void> {
    const owned = await relay.renew(lease, later(this.now));
    const surplus = owned[0]?.surplus ?? 0;
    for (const lane of owned.slice(0, surplus)) await relay.release(lane);
    if (surplus > 0) return;
    while ((await relay.acquire(lease, later(this.now))) !== undefined);
  }

  /** Which relay owns each lane, by its place in the fleet; -1: nobody in it. */
  async owners(): Promise<number[]> {
    const rows = await this.#db.rows('select relay_id from scheduler_private.lanes order by lane');
    return rows.map(({ relay_id }) => this.relays.findIndex(({ id }) => id === relay_id));
  }

  /** How many lanes each has, the most first. */
  async shares(): Promise<number[]> {
    const owners = await this.owners();
    const counts = this.relays.map((_, i) => owners.filter((owner) => owner === i).length);
    return counts.sort((a, b) => b - a);
  }
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

const fair: Record<number, number[]> = {
  1: [4],
  2: [2, 2],
  3: [2, 1, 1],
  4: [1, 1, 1, 1],
  5: [1, 1, 1, 1, 0],
  6: [1, 1, 1, 1, 0, 0],
};

describe('relays that start together', () => {
  test.for([1, 2, 3, 4, 5, 6])(
    '%i of them share fairly and keep what they have',
    async (count, { db }) => {
      const fleet = new Fleet(db);
      fleet.add(count);
      await fleet.rounds(8);
      expect(await fleet.shares()).toEqual(fair[count]);
      const before = await db.rows(
        'select lane, relay_id, fence from scheduler_private.lanes order by lane',
      );
      await fleet.rounds(10);
      expect(
        await db.rows('select lane, relay_id, fence from scheduler_private.lanes order by lane'),
      ).toEqual(before);
    },
  );
});

test.for([
  [1, 4],
  [2, 3],
  [7, 3],
  [10, 4],
  [16, 5],
] as const)(
  '%i lanes are shared fairly by %i relays, and stay',
  async ([count, relays], { db }) => {
    await db.rows('select scheduler.set_lane_count($1)', [count]);
    const fleet = new Fleet(db);
    fleet.add(1);
    await fleet.rounds(1);
    fleet.add(relays - 1);
    await fleet.rounds(count);
    const shares = await fleet.shares();
    expect(sum(shares)).toBe(count);
    expect(shares[0]).toBe(Math.ceil(count / relays));
    expect(shares.at(-1)).toBe(Math.floor(count / relays));
    const before = await fleet.owners();
    await fleet.rounds(5);
    expect(await fleet.owners()).toEqual(before);
  },
);

test('two relays that ask at the same time get two lanes, and neither waits', async ({ open }) => {
  const [one, two] = [await open(), await open()];
  const [first, second] = [new Relay(one), new Relay(two)];
  for (const session of [one, two]) await session.rows(`set lock_timeout = '1s'`);
  await one.rows('begin');
  const lane = await first.acquire(lease, later(0));
  const other = await second.acquire(lease, later(0));
  await one.rows('commit');
  expect(other).toBeDefined();
  expect(other?.lane).not.toBe(lane?.lane);
  await first.retire();
  await second.retire();
});

test('relays that come one by one get their share, and no lane is left alone', async ({ db }) => {
  const fleet = new Fleet(db);
  for (const count of [1, 2, 3, 4, 5, 6]) {
    fleet.add(1);
    await fleet.rounds(6);
    expect(await fleet.shares()).toEqual(fair[count]);
    expect(await fleet.owners()).not.toContain(-1);
  }
});

test('a relay that is gone without a word frees its share when its lease expires', async ({
  db,
}) => {
  const fleet = new Fleet(db);
  const relays = fleet.add(3);
  await fleet.rounds(8);
  fleet.remove(relays[0] as Relay);
  await fleet.rounds(4);
  expect((await fleet.owners()).filter((owner) => owner === -1).length).toBeGreaterThan(0);
  await fleet.rounds(4);
  expect(await fleet.shares()).toEqual([2, 2]);
});

test('a relay that retires frees its share at once', async ({ db }) => {
  const fleet = new Fleet(db);
  const [gone] = fleet.add(2);
  await fleet.rounds(6);
  await gone?.retire();
  fleet.remove(gone as Relay);
  await fleet.rounds(1);
  expect(await fleet.shares()).toEqual([4]);
});

test('when all but one leave, one after the other, the last has every lane', async ({ db }) => {
  const fleet = new Fleet(db);
  fleet.add(6);
  await fleet.rounds(6);
  while (fleet.relays.length > 1) {
    fleet.remove(fleet.relays[0] as Relay);
    await fleet.rounds(8);
    expect(await fleet.shares()).toEqual(fair[fleet.relays.length]);
  }
});

test('a lease is not taken before it has expired', async ({ db }) => {
  const [owner, other] = [new Relay(db), new Relay(db)];
  const taken: Lane[] = [];
  for (
    let lane = await owner.acquire(lease, later(0));
    lane;
    lane = await owner.acquire(lease, later(0))
  ) {
    taken.push(lane);
  }
  expect(taken).toHaveLength(lanes);
  expect(await other.acquire(lease, later(5))).toBeUndefined();
  expect(await other.acquire(lease, later(5.001))).toMatchObject({ lane: 0 });
});

test('renewing extends every lease', async ({ db }) => {
  const relay = new Relay(db);
  while ((await relay.acquire(lease, later(0))) !== undefined);
  expect(await relay.renew(lease, later(4))).toHaveLength(lanes);
  const until = await db.rows('select distinct lease_until from scheduler_private.lanes');
  expect(until).toEqual([{ lease_until: new Date(later(9)) }]);
});

test('a relay that has been gone for a minute is forgotten', async ({ db }) => {
  const [gone, here] = [new Relay(db), new Relay(db)];
  await gone.renew(lease, later(0));
  await here.renew(lease, later(65));
  const known = 'select id from scheduler_private.relays order by started_at';
  expect(await db.rows(known)).toHaveLength(2);
  await here.renew(lease, later(66));
  expect(await db.rows(known)).toEqual([{ id: here.id }]);
});

test('a lane whose row somebody has locked is neither renewed nor taken, and nobody waits', async ({
  open,
}) => {
  const [session, blocker] = [await open(), await open()];
  const relay = new Relay(session);
  while ((await relay.acquire(lease, later(0))) !== undefined);
  await session.rows(`set lock_timeout = '1s'`);
  await blocker.rows('begin');
  await blocker.rows('select from scheduler_private.lanes where lane = 1 for update');
  await relay.renew(lease, later(3));
  const expired = await new Relay(session).acquire(lease, later(6));
  await blocker.rows('rollback');
  expect(expired).toBeUndefined();
  const until = await session.rows('select lease_until from scheduler_private.lanes order by lane');
  expect(until.map(({ lease_until }) => lease_until)).toEqual(
    [8, 5, 8, 8].map((second) => new Date(later(second))),
  );
  await relay.retire();
});
