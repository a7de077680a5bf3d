import { describe, expect } from 'vitest';
import { dueAt, dueEvent, each, type Lane, later, Relay, stored } from './lanes.ts';
import { type Session, test } from './session.ts';

const state = 'select status, retry, last_error, next_at, published_at from scheduler.event($1)';

async function claimed(db: Session, count = 1) {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    ids.push((await dueEvent(db, { key: 'k', scheduled_at: later(-count + i) })).id);
  }
  const relay = new Relay(db);
  const lane = await relay.laneOf(ids[0] as string);
  return { ids, id: ids[0] as string, relay, lane, batch: await relay.batch(lane) };
}

const open = (db: Session) =>
  db.rows('select id, event_ids from scheduler_private.batches order by lane');

const endings: [
  name: string,
  end: (relay: Relay, lane: Lane, batch: string, id: string) => Promise<unknown>,
][] = [
  ['confirm', (relay, lane, batch) => relay.confirm(lane, batch)],
  ['discard', (relay, lane, batch) => relay.discard(lane, batch)],
  ['reject', (relay, lane, batch, id) => relay.reject(lane, batch, [id])],
  ['narrow', (relay, lane, batch) => relay.narrow(lane, batch, 1)],
];

describe('what became of a batch is said once', () => {
  const pairs = endings.flatMap((first) => endings.map((second) => [first, second] as const));
  test.for(pairs.map(([first, second]) => [first[0], second[0], first[1], second[1]] as const))(
    'after %s a %s changes nothing',
    async ([, , first, second], { db }) => {
      const { id, relay, lane, batch } = await claimed(db);
      await first(relay, lane, batch, id);
      const before = [await stored(db, id), await open(db)];
      expect([false, null]).toContain(await second(relay, lane, batch, id));
      expect([await stored(db, id), await open(db)]).toEqual(before);
    },
  );

  test.for(endings)('%s of a batch that never was changes nothing', async ([, end], { db }) => {
    const { id, relay, lane } = await claimed(db);
    const before = [await stored(db, id), await open(db)];
    expect([false, null]).toContain(await end(relay, lane, crypto.randomUUID(), id));
    expect([await stored(db, id), await open(db)]).toEqual(before);
  });

  test.for(endings)('a late %s leaves the next batch alone', async ([, end], { db }) => {
    const { id, relay, lane, batch } = await claimed(db);
    await relay.discard(lane, batch);
    const next = await relay.batch(lane);
    expect(next).not.toBe(batch);
    await end(relay, lane, batch, id);
    expect(await open(db)).toMatchObject([{ id: next }]);
  });
});

describe('confirm', () => {
  test('publishes every event of the batch and remembers it', async ({ db }) => {
    const { ids, relay, lane, batch } = await claimed(db, 3);
    expect(await relay.confirm(lane, batch, later(1))).toBe(true);
    for (const id of ids) {
      expect(await db.row(state, [id])).toEqual({
        status: 'PUBLISHED',
        retry: 0,
        last_error: null,
        next_at: null,
        published_at: new Date(later(1)),
      });
    }
    const last = 'select last_confirmed from scheduler_private.lanes where lane = $1';
    expect(await db.value(last, [lane.lane])).toBe(batch);
    expect(await open(db)).toEqual([]);
  });

  test('of a batch without ledger leaves the ledger as it is', async ({ db }) => {
    await db.rows(`update scheduler_private.settings set delivery_mode = 'at_least_once'`);
    const { relay, lane, batch } = await claimed(db);
    const last = 'select last_confirmed from scheduler_private.lanes where lane = $1';
    const before = await db.value(last, [lane.lane]);
    expect(await relay.confirm(lane, batch)).toBe(true);
    expect(await db.value(last, [lane.lane])).toBe(before);
  });

  test('after a rejected attempt keeps the count, not the error', async ({ db }) => {
    const { id, relay, lane, batch } = await claimed(db);
    await relay.reject(lane, batch, [id]);
    await relay.confirm(lane, await relay.batch(lane, { now: later(60) }), later(60));
    expect(await db.row(state, [id])).toMatchObject({
      status: 'PUBLISHED',
      retry: 1,
      last_error: null,
    });
  });
});

test('discard frees the events for a new batch, no attempt counted', async ({ db }) => {
  const { ids, relay, lane, batch } = await claimed(db, 2);
  const before = await each(ids, (id) => stored(db, id));
  expect(await relay.discard(lane, batch)).toBe(true);
  expect(await open(db)).toEqual([]);
  expect(await each(ids, (id) => stored(db, id))).toEqual(before);
  expect((await relay.claim(lane)).map(({ event_id }) => event_id)).toEqual(ids);
});

describe('narrow', () => {
  test('goes on with the first events under a new id and frees the others', async ({ db }) => {
    const { ids, relay, lane, batch } = await claimed(db, 4);
    const half = await relay.narrow(lane, batch, 2);
    expect(half).not.toBe(batch);
    expect(await open(db)).toEqual([{ id: half, event_ids: ids.slice(0, 2) }]);
    expect(await db.row(state, [ids[0]])).toMatchObject({ status: 'SCHEDULED', retry: 0 });
    const cancel = 'select status from scheduler.cancel_event($1)';
    expect(await db.value(cancel, [ids[3]])).toBe('CANCELED');
    expect((await db.refusal(cancel, [ids[1]])).code).toBe('in_flight');
  });

  test('keeps the mode that the batch was claimed under', async ({ db }) => {
    const { relay, lane, batch } = await claimed(db, 2);
    await db.rows(`update scheduler_private.settings set delivery_mode = 'at_least_once'`);
    await relay.narrow(lane, batch, 1);
    const mode = 'select delivery_mode from scheduler_private.batches';
    expect(await db.value(mode)).toBe('exactly_once');
  });
});

describe('reject', () => {
  test('counts an attempt and delays the next one, longer each time, FAILED at the third', async ({
    db,
  }) => {
    const { id, relay, lane, batch } = await claimed(db);
    expect(await relay.reject(lane, batch, [id], { code: 'first' })).toBeNull();
    expect(await db.row(state, [id])).toMatchObject({
      status: 'SCHEDULED',
      retry: 1,
      last_error: 'first',
      next_at: new Date(later(10)),
    });
    await relay.reject(lane, await relay.batch(lane, { now: later(10) }), [id], {
      code: 'second',
      now: later(10),
    });
    expect(await db.row(state, [id])).toMatchObject({
      status: 'SCHEDULED',
      retry: 2,
      last_error: 'second',
      next_at: new Date(later(70)),
    });
    await relay.reject(lane, await relay.batch(lane, { now: later(70) }), [id], {
      code: 'third',
      now: later(70),
    });
    expect(await db.row(state, [id])).toEqual({
      status: 'FAILED',
      retry: 3,
      last_error: 'third',
      next_at: null,
      published_at: null,
    });
    const attempts =
      'select * from scheduler_private.attempts where event_id = $1 order by attempt';
    expect(await db.rows(attempts, [id])).toEqual(
      ['first', 'second', 'third'].map((code, i) => ({
        event_id: id,
        attempt: i + 1,
        attempted_at: new Date(later([0, 10, 70][i] as number)),
        code,
        message: 'the broker said no',
      })),
    );
    expect(await relay.claim(lane, { now: later(9_999) })).toMatchObject([
      { batch_id: null, due_in: null },
    ]);
  });

  test.for([
    ['{1 minute, 1 hour}', [60, 3_600]],
    ['{5 seconds}', [5, 5]],
    ['{1 second, 2 seconds, 3 seconds}', [1, 2]],
  ] as const)('delays by the setting %s', async ([delays, [first, second]], { db }) => {
    await db.rows('update scheduler_private.settings set retry_delays = $1', [delays]);
    const { id, relay, lane, batch } = await claimed(db);
    await relay.reject(lane, batch, [id]);
    expect(await db.row(state, [id])).toMatchObject({ next_at: new Date(later(first)) });
    const again = later(first);
    await relay.reject(lane, await relay.batch(lane, { now: again }), [id], { now: again });
    expect(await db.row(state, [id])).toMatchObject({ next_at: new Date(later(first + second)) });
  });

  test('goes on with the rest of the batch under a new id', async ({ db }) => {
    const { ids, relay, lane, batch } = await claimed(db, 3);
    const rest = await relay.reject(lane, batch, [ids[1] as string]);
    expect(rest).not.toBe(batch);
    expect(await open(db)).toEqual([{ id: rest, event_ids: [ids[0], ids[2]] }]);
    expect(await db.row(state, [ids[0]])).toMatchObject({ retry: 0, last_error: null });
    expect(await db.row(state, [ids[1]])).toMatchObject({ retry: 1 });
  });

  test('counts nothing for an event outside the batch', async ({ db }) => {
    const { id, relay, lane, batch } = await claimed(db);
    const { id: outsider } = await dueEvent(db);
    const before = await stored(db, outsider);
    await relay.reject(lane, batch, [outsider, id]);
    expect(await stored(db, outsider)).toEqual(before);
  });
});

test('a lane has one open batch, by constraint', async ({ db }) => {
  const { lane } = await claimed(db);
  const insert = `insert into scheduler_private.batches (lane, delivery_mode, event_ids, claimed_at)
    values ($1, 'exactly_once', array['x'], $2)`;
  expect((await db.refusal(insert, [lane.lane, dueAt])).code).toBe('one_open_batch_per_lane');
});
