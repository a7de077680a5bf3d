import { expect } from 'vitest';
import { dueAt, dueEvent, type Lane, later, Relay, stored } from './lanes.ts';
import { type Session, test } from './session.ts';

/** All that there is to know about lanes, batches and an event. */
async function everything(db: Session, id: string): Promise<unknown> {
  return [
    await stored(db, id),
    await db.rows('select * from scheduler_private.lanes order by lane'),
    await db.rows('select * from scheduler_private.batches order by lane'),
  ];
}

const steps: [
  name: string,
  step: (relay: Relay, lane: Lane, batch: string, id: string) => Promise<unknown>,
][] = [
  ['claim', (relay, lane) => relay.claim(lane)],
  ['confirm', (relay, lane, batch) => relay.confirm(lane, batch)],
  ['discard', (relay, lane, batch) => relay.discard(lane, batch)],
  ['reject', (relay, lane, batch, id) => relay.reject(lane, batch, [id])],
  ['narrow', (relay, lane, batch) => relay.narrow(lane, batch, 1)],
  ['read_lane', (relay, lane) => relay.read(lane)],
  ['quarantine_lane', (relay, lane) => relay.quarantine(lane)],
  ['set_ledger', (relay, lane) => relay.setSeeded(lane)],
];

test.for(steps)('%s with an old fence is refused and changes nothing', async ([, step], { db }) => {
  const { id } = await dueEvent(db);
  const former = new Relay(db);
  const old = await former.laneOf(id);
  const batch = await former.batch(old);
  await former.release(old);
  const taken = await new Relay(db).acquire();
  expect(taken).toEqual({ lane: old.lane, fence: String(Number(old.fence) + 1) });

  const before = await everything(db, id);
  for (const fence of [old.fence, String(Number(old.fence) + 2), '0', '-1']) {
    expect(await db.refusalOf(() => step(former, { ...old, fence }, batch, id))).toMatchObject({
      sqlstate: 'SC060',
      code: 'fence_lost',
      field: 'fence',
    });
  }
  expect(await everything(db, id)).toEqual(before);
});

test.for(steps)('%s on a lane that is not there is refused', async ([, step], { db }) => {
  const { id } = await dueEvent(db);
  const lost = { lane: 99, fence: '1' };
  expect(
    await db.refusalOf(() => step(new Relay(db), lost, crypto.randomUUID(), id)),
  ).toMatchObject({
    code: 'fence_lost',
  });
});

test('the fence grows whenever a lane is taken, never otherwise', async ({ db }) => {
  const { id } = await dueEvent(db);
  const relay = new Relay(db);
  const lane = await relay.laneOf(id);
  await relay.confirm(lane, await relay.batch(lane));
  await relay.renew('1 hour', dueAt);
  const fence = 'select fence from scheduler_private.lanes where lane = $1';
  expect(await db.value(fence, [lane.lane])).toBe(lane.fence);
  await relay.release(lane);
  expect(await db.value(fence, [lane.lane])).toBe(lane.fence);
  expect(await relay.acquire()).toEqual({ ...lane, fence: String(Number(lane.fence) + 1) });
});

test('releasing with an old fence leaves the lane with its new owner', async ({ db }) => {
  const former = new Relay(db);
  const lane = (await former.acquire('1 second')) as Lane;
  const owner = new Relay(db);
  while ((await owner.acquire('1 hour', later(2)))?.lane !== lane.lane);
  await former.release(lane);
  const relay = 'select relay_id from scheduler_private.lanes where lane = $1';
  expect(await db.value(relay, [lane.lane])).toBe(owner.id);
});

test('a relay that comes back does not extend a lease that it has lost', async ({ db }) => {
  const former = new Relay(db);
  const lane = (await former.acquire('1 second')) as Lane;
  const owner = new Relay(db);
  while ((await owner.acquire('1 hour', later(2)))?.lane !== lane.lane);
  expect(await former.renew('1 day', later(3))).toEqual([]);
  const until = 'select lease_until from scheduler_private.lanes where lane = $1';
  expect(await db.value(until, [lane.lane])).toEqual(new Date(later(3_602)));
});

test('the open batch and its mode go to the next owner', async ({ db }) => {
  const { id } = await dueEvent(db);
  const former = new Relay(db);
  const old = await former.laneOf(id);
  const batch = await former.batch(old);
  await former.register('mine', 'cluster');
  await db.rows(`update scheduler_private.settings set delivery_mode = 'at_least_once'`);
  await former.release(old);
  const next = new Relay(db);
  const lane = (await next.acquire()) as Lane;
  expect(await next.read(lane)).toMatchObject({
    batch_id: batch,
    batch_events: 1,
    batch_delivery_mode: 'exactly_once',
    delivery_mode: 'at_least_once',
    ledger: 'unseeded',
  });
  expect(await next.confirm(lane, batch)).toBe(true);
});
