import { expect } from 'vitest';
import { dueEvent, each, eventIn, Relay } from './lanes.ts';
import { type Session, test } from './session.ts';

/** Long ago, so that the guard against early deletion, which has no time but now, agrees. */
const longAgo = '2020-01-01T00:00:00Z';

const retire = (db: Session, now: string | null, limit = 10_000) =>
  db.value<number>('select scheduler_private.delete_expired_events($1, $2)', [limit, now]);

const remains = async (db: Session, id: string) =>
  (await db.rows('select from scheduler_private.events where id = $1', [id])).length === 1;

test.for([
  ['PUBLISHED', '2020-01-31T00:00:00Z'],
  ['FAILED', '2020-02-03T00:00:00Z'],
] as const)('a %s event leaves 30 days after it became final', async ([status, end], { db }) => {
  const id = await eventIn(db, status, { now: longAgo });
  expect(await retire(db, end)).toBe(0);
  expect(await remains(db, id)).toBe(true);
  expect(await retire(db, end.replace('00Z', '01Z'))).toBe(1);
  for (const table of [
    'events where id',
    'event_contents where event_id',
    'attempts where event_id',
  ]) {
    expect(await db.rows(`select from scheduler_private.${table} = $1`, [id]), table).toEqual([]);
  }
});

test('a SCHEDULED event stays, however old', async ({ db }) => {
  const id = await eventIn(db, 'SCHEDULED', { now: longAgo });
  await db.rows(`update scheduler_private.settings set retention = '0'`);
  expect(await retire(db, '2999-01-01T00:00:00Z')).toBe(0);
  expect(await remains(db, id)).toBe(true);
});

test('the setting says how long', async ({ db }) => {
  await eventIn(db, 'PUBLISHED', { now: longAgo });
  await db.rows(`update scheduler_private.settings set retention = '1 day'`);
  expect(await retire(db, '2020-01-02T00:00:00Z')).toBe(0);
  expect(await retire(db, '2020-01-02T00:00:01Z')).toBe(1);
});

test('a batch is as large as it was asked for, the oldest first', async ({ db }) => {
  const ids = [];
  for (const day of ['03', '01', '02']) {
    ids.push(await eventIn(db, 'PUBLISHED', { now: `2020-01-${day}T00:00:00Z` }));
  }
  expect(await retire(db, '2020-06-01T00:00:00Z', 2)).toBe(2);
  expect(await each(ids, (id) => remains(db, id))).toEqual([true, false, false]);
});

test('no time that is given deletes what is really too young', async ({ db }) => {
  const id = await eventIn(db, 'CANCELED', { now: longAgo });
  expect(
    await db.refusal(`select scheduler_private.delete_expired_events(10, '2999-01-01')`),
  ).toMatchObject({
    code: 'not_deletable',
  });
  expect(await remains(db, id)).toBe(true);
});

test('a DBA deletes what has been final for longer than the retention, nothing else', async ({
  db,
}) => {
  const old = await eventIn(db, 'PUBLISHED', { now: longAgo });
  const young = await eventIn(db, 'PUBLISHED', { now: new Date().toISOString() });
  const remove = 'delete from scheduler_private.events where id = $1';
  expect((await db.refusal(remove, [young])).code).toBe('not_deletable');
  const both = 'delete from scheduler_private.events where id in ($1, $2)';
  expect((await db.refusal(both, [young, old])).code).toBe('not_deletable');
  expect((await db.client.query(remove, [old])).rowCount).toBe(1);
});

test('an id counts as new once its event has left', async ({ db }) => {
  const id = await eventIn(db, 'PUBLISHED', { now: longAgo });
  await retire(db, null);
  expect((await db.refusal('select scheduler.cancel_event($1)', [id])).code).toBe('not_found');
  const { id: again } = await dueEvent(db, { id, payload: Buffer.from('other') });
  expect(again).toBe(id);
});

test('an event that was passed over leaves 30 days after that', async ({ db }) => {
  const { id } = await dueEvent(db, { scheduled_at: longAgo, max_lateness: 'PT1M' });
  const relay = new Relay(db);
  await relay.claim(await relay.laneOf(id), { now: '2020-01-01T00:01:01Z' });
  expect(await db.value('select status from scheduler.event($1)', [id])).toBe('CANCELED');
  expect(await retire(db, '2020-01-31T00:01:02Z')).toBe(1);
});
