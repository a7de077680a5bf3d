import { describe, expect } from 'vitest';
import { openPool } from '../harness/database.ts';
import { untilBlocked } from './blocking.ts';
import { eventIn } from './lanes.ts';
import { batch, creation, newEvent, replacement, test } from './session.ts';

type Named = ReturnType<typeof newEvent>;

/** Creations that are repeated: by a client that got no answer, or by another one. */

describe('the same content after defaults', () => {
  test.for([
    [
      'Z and +00:00',
      { scheduled_at: '2099-01-01T00:00:00Z' },
      { scheduled_at: '2099-01-01T00:00:00+00:00' },
    ],
    [
      'another offset',
      { scheduled_at: '2099-01-01T00:00:00Z' },
      { scheduled_at: '2099-01-01T09:00:00+09:00' },
    ],
    [
      'decimals',
      { scheduled_at: '2099-01-01T00:00:00Z' },
      { scheduled_at: '2099-01-01T00:00:00.000Z' },
    ],
    ['absent and default zone', {}, { timezone: 'UTC' }],
    ['absent and default policies', {}, { gap: 'shift', overlap: 'first' }],
    ['absent and empty headers', {}, { headers: {} }],
    ['absent and empty text', {}, { key: '', ends_at: '', max_lateness: '' }],
    ['order of headers', { headers: { a: '1', b: '2' } }, { headers: { b: '2', a: '1' } }],
    ['spelling of durations', { max_lateness: 'PT1H' }, { max_lateness: 'PT60M' }],
  ] as const)('%s: the event as it is', async ([, first, second], { db }) => {
    const event = newEvent(first);
    const created = await db.row(...creation(event));
    expect(await db.row(...creation({ ...event, ...second }))).toEqual(created);
    expect(await db.rows(...batch([{ ...event, ...second }]))).toEqual([created]);
  });

  test.for(['PUBLISHED', 'CANCELED', 'FAILED'] as const)(
    'whatever happened since: %s',
    async (status, { db }) => {
      const event = newEvent({ scheduled_at: '2098-01-01T00:00:00Z' });
      await eventIn(db, status, { fields: event });
      expect(await db.row(...creation(event))).toMatchObject({ id: event.id, status });
    },
  );

  test('counts from the first creation, not from a replacement', async ({ db }) => {
    const event = newEvent();
    await db.row(...creation(event));
    await db.row(...replacement(event.id, { ...event, payload: Buffer.from('new') }));
    expect(await db.row(...creation(event))).toMatchObject({ payload: Buffer.from('new') });
    expect(await db.refusal(...creation({ ...event, payload: Buffer.from('new') }))).toMatchObject({
      code: 'id_taken',
    });
  });

  test('even where the topic is not granted any more', async ({ db }) => {
    const event = newEvent();
    await db.row('select scheduler.grant_topic($1, $2)', ['alice', 'a-topic']);
    await db.actingAs('alice', 'producer', () => db.row(...creation(event)));
    await db.row('select scheduler.revoke_topic($1, $2)', ['alice', 'a-topic']);
    await db.actingAs('alice', 'producer', () => db.row(...creation(event)));
  });
});

describe('other content', () => {
  test.for([
    ['instant', { scheduled_at: '2099-01-01T00:00:01Z' }],
    ['wall time instead of an instant', { scheduled_at: '2099-01-01T00:00:00' }],
    ['zone', { timezone: 'Asia/Tokyo' }],
    ['payload', { payload: Buffer.from('other') }],
    ['empty payload', { payload: Buffer.alloc(0) }],
    ['topic', { destination_topic: 'other-topic' }],
    ['end', { ends_at: '2099-01-02T00:00:00Z' }],
    ['overlap', { overlap: 'last' }],
    ['lateness', { max_lateness: 'PT1M' }],
    ['key', { key: 'other' }],
    ['headers', { headers: { a: 'b' } }],
  ] as const)('another %s: id_taken', async ([, other], { db }) => {
    const event = newEvent();
    const created = await db.row(...creation(event));
    expect(await db.refusal(...creation({ ...event, ...other }))).toMatchObject({
      sqlstate: 'SC040',
      field: 'id',
    });
    expect(await db.row('select * from scheduler.event($1)', [event.id])).toEqual(created);
  });
});

test("another's id is taken, with no word about it", async ({ db }) => {
  await db.rows(
    `select scheduler.grant_topic(who, '', true) from unnest(array['alice', 'bob']) who`,
  );
  const event = newEvent();
  await db.actingAs('alice', 'producer', () => db.row(...creation(event)));
  const [same, other] = await db.actingAs('bob', 'producer', async () => [
    await db.refusal(...creation(event)),
    await db.refusal(...creation({ ...event, payload: Buffer.from('other') })),
  ]);
  expect(same).toEqual(other);
  expect(same).toMatchObject({ code: 'id_taken', field: 'id', detail: event.id });
  expect(JSON.stringify(same)).not.toContain('alice');
});

describe('at the same time', () => {
  test('fifty creations of one id make one event', async ({ database, dba, onTestFinished }) => {
    const pool = openPool({ connectionString: database.url, max: 25 });
    onTestFinished(() => pool.end());
    const event = newEvent();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => pool.query(...creation(event))),
    );
    const created = answers.map(({ rows }) => `${rows[0].id} ${rows[0].created_at.toISOString()}`);
    expect(new Set(created).size).toBe(1);
    const count = 'select count(*)::int from scheduler_private.events where id = $1';
    expect(await dba.value(count, [event.id])).toBe(1);
  });

  test('of two with other content one is refused', async ({ open }) => {
    const [one, two] = [await open(), await open()];
    const event = newEvent();
    await one.rows('begin');
    await one.row(...creation(event));
    const second = two.refusal(...creation({ ...event, key: 'other' }));
    await one.rows('commit');
    expect(await second).toMatchObject({ code: 'id_taken' });
  });

  test('of two with other content the second passes when the first is rolled back', async ({
    open,
  }) => {
    const [one, two] = [await open(), await open()];
    const event = newEvent();
    await one.rows('begin');
    await one.row(...creation(event));
    const second = two.row(...creation({ ...event, key: 'other' }));
    await one.rows('rollback');
    expect(await second).toMatchObject({ id: event.id, key: 'other' });
  });

  test('batches of the same events in another order do not deadlock', async ({ open }) => {
    const [first, one, two] = [await open(), await open(), await open()];
    const [a, middle, z] = [newEvent(), newEvent(), newEvent()].sort((one, other) =>
      one.id < other.id ? -1 : 1,
    ) as [Named, Named, Named];
    await first.rows('begin');
    await first.row(...creation(middle));
    // If each has stored its first and waits for the middle one, they will wait for each other.
    const both = [one.rows(...batch([a, middle, z])), two.rows(...batch([z, middle, a]))];
    await untilBlocked(first, 2);
    await first.rows('rollback');
    expect(await Promise.allSettled(both)).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
  });
});
