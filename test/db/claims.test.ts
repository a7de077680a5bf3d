import { describe, expect } from 'vitest';
import { dueAt, dueEvent, later, Relay } from './lanes.ts';
import { newEvent, type Session, schedule, test } from './session.ts';

const state = 'select status, retry, last_error, next_at from scheduler.event($1)';

/** The index on due_at gives the order by itself; a plan without it must, too. */
async function withoutIndexes(db: Session): Promise<void> {
  await db.rows('set local enable_indexscan = off');
  await db.rows('set local enable_bitmapscan = off');
  await db.rows('discard plans');
}

describe('a claim', () => {
  test('hands out all that the message is made of', async ({ db }) => {
    const fields = { key: 'a key', headers: { a: 'b' }, payload: Buffer.from([0, 255]) };
    const { id } = await dueEvent(db, { ...fields, timezone: 'Asia/Tokyo' });
    const relay = new Relay(db);
    expect(await relay.claim(await relay.laneOf(id), { now: later(2) })).toEqual([
      {
        ...fields,
        batch_id: expect.any(String),
        delivery_mode: 'exactly_once',
        event_id: id,
        destination_topic: 'a-topic',
        scheduled_at: dueAt,
        ce_source: null,
        due_in: -2,
        expansions: false,
      },
    ]);
  });

  test('tells where the event comes from: the deployment, or what the settings say', async ({
    db,
  }) => {
    const relay = new Relay(db);
    await relay.register('mine', 'cluster');
    const lane = await relay.laneOf((await dueEvent(db)).id);
    const [claimed] = await relay.claim(lane, { now: later(1) });
    expect(claimed).toMatchObject({ ce_source: '/scheduler/mine' });
    await relay.discard(lane, claimed?.batch_id as string);
    await db.rows(`update scheduler_private.settings set ce_source = '/elsewhere'`);
    expect(await relay.claim(lane, { now: later(1) })).toMatchObject([{ ce_source: '/elsewhere' }]);
  });

  test('takes what is due in the order of its instants', async ({ db }) => {
    const ids = [];
    for (const second of [3, 1, 2, 5]) {
      ids.push((await dueEvent(db, { key: 'k', scheduled_at: later(second) })).id);
    }
    await withoutIndexes(db);
    const relay = new Relay(db);
    const claimed = await relay.claim(await relay.laneOf(ids[0] as string), { now: later(4) });
    expect(claimed.map(({ event_id }) => event_id)).toEqual([ids[1], ids[2], ids[0]]);
    expect(claimed.map(({ due_in }) => due_in)).toEqual([-3, -2, -1]);
  });

  test('takes as many as it is asked for, the earliest', async ({ db }) => {
    const ids = [];
    for (const second of [2, 0, 1]) {
      ids.push((await dueEvent(db, { key: 'k', scheduled_at: later(second) })).id);
    }
    await withoutIndexes(db);
    const relay = new Relay(db);
    const claimed = await relay.claim(await relay.laneOf(ids[0] as string), {
      limit: 2,
      now: later(9),
    });
    expect(claimed.map(({ event_id }) => event_id)).toEqual([ids[1], ids[2]]);
  });

  test.for([
    ['three that fit', 18, 3],
    ['two when the third does not fit', 17, 2],
    ['one however large it is', 1, 1],
  ] as const)('takes %s', async ([, maxBytes, count], { db }) => {
    let id = '';
    for (const second of [0, 1, 2]) {
      // Payload and key: six bytes.
      ({ id } = await dueEvent(db, { key: 'k', scheduled_at: later(second) }));
    }
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    expect(await relay.claim(lane, { maxBytes, now: later(9) })).toHaveLength(count);
    // What did not fit is neither claimed nor lost.
    const cancel = 'select status from scheduler.cancel_event($1)';
    if (count < 3) expect(await db.value(cancel, [id])).toBe('CANCELED');
    else expect((await db.refusal(cancel, [id])).code).toBe('in_flight');
  });

  test('takes nothing of another lane', async ({ db }) => {
    const ids = [];
    for (let i = 0; i < 20; i++) ids.push((await dueEvent(db)).id);
    const relay = new Relay(db);
    const lane = await relay.laneOf(ids[0] as string);
    const claimed = await relay.claim(lane);
    const mine = await db.rows('select id from scheduler_private.events where lane = $1', [
      lane.lane,
    ]);
    expect(claimed.map(({ event_id }) => event_id).sort()).toEqual(mine.map(({ id }) => id).sort());
    expect(mine.length).toBeLessThan(20);
  });

  test('is refused while a batch is open', async ({ db }) => {
    const { id } = await dueEvent(db, { key: 'k' });
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    const batch = await relay.batch(lane);
    await dueEvent(db, { key: 'k' });
    expect(await db.refusalOf(() => relay.claim(lane))).toMatchObject({
      sqlstate: 'SC061',
      code: 'batch_open',
      field: 'lane',
    });
    expect(await db.rows('select id from scheduler_private.batches')).toEqual([{ id: batch }]);
  });

  test('records its mode', async ({ db }) => {
    await db.rows(`update scheduler_private.settings set delivery_mode = 'at_least_once'`);
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    const [claimed] = await relay.claim(await relay.laneOf(id));
    expect(claimed?.delivery_mode).toBe('at_least_once');
  });

  test('takes an event the look-ahead before its instant, and says how long until then', async ({
    db,
  }) => {
    await db.rows(`update scheduler_private.settings set look_ahead = '250 milliseconds'`);
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    expect(await relay.claim(lane, { now: later(-0.251) })).toMatchObject([{ event_id: null }]);
    expect(await relay.claim(lane, { now: later(-0.25) })).toMatchObject([
      { event_id: id, due_in: 0.25 },
    ]);
  });
});

describe('due_in, when nothing is due', () => {
  test('is null on a lane without work', async ({ db }) => {
    const relay = new Relay(db);
    const lane = await relay.acquire();
    expect(await relay.claim(lane as never)).toMatchObject([{ batch_id: null, due_in: null }]);
  });

  test('is the time until the next event', async ({ db }) => {
    const { id } = await dueEvent(db, { key: 'k' });
    await schedule(db, { key: 'k' });
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    expect(await relay.claim(lane, { now: later(-1.5) })).toMatchObject([
      { batch_id: null, event_id: null, due_in: 1.5 },
    ]);
  });

  test('is the time until the next attempt', async ({ db }) => {
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    await relay.reject(lane, await relay.batch(lane), [id]);
    expect(await relay.claim(lane, { now: later(4) })).toMatchObject([
      { batch_id: null, due_in: 6 },
    ]);
  });
});

describe('what is passed over', () => {
  test('an event later than its maxLateness is CANCELED as missed, without attempt', async ({
    db,
  }) => {
    const { id } = await dueEvent(db, { key: 'k', max_lateness: 'PT1M' });
    const other = await dueEvent(db, { key: 'k' });
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    const claimed = await relay.claim(lane, { now: later(60.001) });
    expect(claimed.map(({ event_id }) => event_id)).toEqual([other.id]);
    expect(await db.row(state, [id])).toEqual({
      status: 'CANCELED',
      retry: 0,
      last_error: 'missed',
      next_at: null,
    });
    expect(await db.rows('select from scheduler_private.attempts')).toEqual([]);
  });

  test('an event just as late as it may be is not', async ({ db }) => {
    const { id } = await dueEvent(db, { max_lateness: 'PT1M' });
    const relay = new Relay(db);
    expect(await relay.claim(await relay.laneOf(id), { now: later(60) })).toMatchObject([
      { event_id: id },
    ]);
  });

  test('an event that waits for its next attempt becomes too late, too', async ({ db }) => {
    const { id } = await dueEvent(db, { max_lateness: 'PT5S' });
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    await relay.reject(lane, await relay.batch(lane), [id]);
    await relay.claim(lane, { now: later(10) });
    expect(await db.row(state, [id])).toMatchObject({
      status: 'CANCELED',
      retry: 1,
      last_error: 'missed',
    });
  });

  test('when it was all there was the relay asks again at once', async ({ db }) => {
    const { id } = await dueEvent(db, { max_lateness: 'PT1M' });
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    expect(await relay.claim(lane, { now: later(61) })).toMatchObject([
      { batch_id: null, due_in: 0 },
    ]);
    expect(await relay.claim(lane, { now: later(61) })).toMatchObject([
      { batch_id: null, due_in: null },
    ]);
  });

  test('an event whose grant was revoked is FAILED, without attempt; the others go on', async ({
    db,
  }) => {
    await db.rows(
      `select scheduler.grant_topic('alice', topic) from unnest(array['a-topic', 'b-topic']) topic`,
    );
    const events = ['a-topic', 'b-topic'].map((topic) =>
      newEvent({ key: 'k', scheduled_at: dueAt, destination_topic: topic }),
    );
    await db.actingAs('alice', 'producer', async () => {
      for (const event of events) await schedule(db, event);
    });
    const mine = await dueEvent(db, { key: 'k' });
    await db.rows(`select scheduler.revoke_topic('alice', 'a-topic')`);
    const relay = new Relay(db);
    const claimed = await relay.claim(await relay.laneOf(mine.id));
    expect(claimed.map(({ event_id }) => event_id).sort()).toEqual([mine.id, events[1]?.id].sort());
    expect(await db.row(state, [events[0]?.id])).toEqual({
      status: 'FAILED',
      retry: 0,
      last_error: 'topic_not_granted',
      next_at: null,
    });
    expect(await db.rows('select from scheduler_private.attempts')).toEqual([]);
  });

  test('an event that plain SQL stored without contents is FAILED', async ({ db }) => {
    const { id } = await db.row(
      `insert into scheduler_private.events (id, owner, lane, timezone, scheduled_instant, due_at, destination_topic, content_hash)
       values (gen_random_uuid(), 'sql:postgres', 0, 'UTC', $1, $1, 'a-topic', '') returning id`,
      [dueAt],
    );
    const relay = new Relay(db);
    expect(await relay.claim(await relay.laneOf(id))).toMatchObject([{ batch_id: null }]);
    expect(await db.row(state, [id])).toMatchObject({
      status: 'FAILED',
      last_error: 'no_contents',
    });
  });
});
