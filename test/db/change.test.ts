import { describe, expect } from 'vitest';
import { eventIn, Relay, type Status, statuses, stored } from './lanes.ts';
import { newEvent, replacement, schedule, test } from './session.ts';

const cancel = 'select * from scheduler.cancel_event($1)';
const finals = statuses.filter((status) => status !== 'SCHEDULED');

describe('cancel', () => {
  test('a SCHEDULED event is CANCELED and never due', async ({ db }) => {
    const { id } = await schedule(db);
    expect(await db.row(cancel, [id])).toMatchObject({
      id,
      status: 'CANCELED',
      next_at: null,
      last_error: null,
      published_at: null,
    });
  });

  test('again is no error and changes nothing', async ({ db }) => {
    const id = await eventIn(db, 'CANCELED');
    const before = await stored(db, id);
    expect(await db.row(cancel, [id])).toMatchObject({ status: 'CANCELED' });
    expect(await stored(db, id)).toEqual(before);
  });

  test.for(['PUBLISHED', 'FAILED'] as const)('a %s event is final', async (status, { db }) => {
    const id = await eventIn(db, status);
    const before = await stored(db, id);
    expect(await db.refusal(cancel, [id])).toMatchObject({
      code: 'final',
      field: 'status',
      detail: status,
    });
    expect(await stored(db, id)).toEqual(before);
  });

  test('an event between two attempts may be cancelled', async ({ db }) => {
    const id = await eventIn(db, 'SCHEDULED');
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    await relay.reject(lane, await relay.batch(lane), [id]);
    expect(await db.row(cancel, [id])).toMatchObject({ status: 'CANCELED', retry: 1 });
  });

  test.for([[newEvent().id], ['x'], [''], [null]])('of %s is not_found', async ([id], { db }) => {
    expect(await db.refusal(cancel, [id])).toMatchObject({ code: 'not_found', field: 'id' });
  });
});

describe('replace', () => {
  test('takes the whole: absent fields get their defaults', async ({ db }) => {
    const { id, created_at, owner } = await schedule(db, {
      timezone: 'Asia/Tokyo',
      ends_at: '2099-02-01T00:00:00Z',
      overlap: 'last',
      max_lateness: 'PT1M',
      key: 'a key',
      headers: { a: 'b' },
    });
    const fields = {
      scheduled_at: '2099-06-01T00:00:00Z',
      payload: Buffer.from('new'),
      destination_topic: 'new-topic',
    };
    expect(await db.row(...replacement(id, fields))).toMatchObject({
      ...fields,
      id,
      owner,
      created_at,
      timezone: 'UTC',
      ends_at: null,
      overlap: 'first',
      max_lateness: null,
      key: null,
      headers: {},
      status: 'SCHEDULED',
      next_at: new Date('2099-06-01T00:00:00Z'),
    });
  });

  test('to the same leaves the contents as they are', async ({ db }) => {
    const event = newEvent();
    await schedule(db, event);
    const version = 'select xmin, ctid from scheduler_private.event_contents where event_id = $1';
    const before = await db.row(version, [event.id]);
    await db.row(...replacement(event.id, { ...event, scheduled_at: '2100-01-01T00:00:00Z' }));
    expect(await db.row(version, [event.id])).toEqual(before);
  });

  test('another key moves the event to the lane of that key', async ({ db }) => {
    const { id } = await schedule(db, { key: 'first' });
    const lane = 'select lane from scheduler_private.events where id = $1';
    const lanes = new Set<number>();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', null]) {
      await db.row(...replacement(id, { key }));
      const { is, due } = await db.row(
        `select (${lane}) as is, scheduler_private.lane_of(coalesce($2, $1), 4) as due`,
        [id, key],
      );
      expect(is).toBe(due);
      lanes.add(is);
    }
    expect(lanes.size).toBeGreaterThan(1);
  });

  test.for(finals)('a %s event is final, whatever status is given', async (status, { db }) => {
    const id = await eventIn(db, status);
    const before = await stored(db, id);
    for (const given of [null, '', status, 'SCHEDULED']) {
      expect(await db.refusal(...replacement(id, {}, given))).toMatchObject({ code: 'final' });
    }
    expect(await stored(db, id)).toEqual(before);
  });

  test.for(['PUBLISHED', 'CANCELED', 'FAILED', 'scheduled', 'x'])(
    'with the status %s of a SCHEDULED event is a mismatch',
    async (status, { db }) => {
      const { id } = await schedule(db);
      const before = await stored(db, id);
      expect(await db.refusal(...replacement(id, {}, status))).toMatchObject({
        code: 'status_mismatch',
        field: 'status',
      });
      expect(await stored(db, id)).toEqual(before);
    },
  );

  test.for([null, '', 'SCHEDULED'])('with the status %s passes', async (status, { db }) => {
    const { id } = await schedule(db);
    await db.row(...replacement(id, {}, status));
  });

  test('the id within may be absent, the same, or in upper case, not another', async ({ db }) => {
    const { id } = await schedule(db);
    for (const within of [null, '', id, id.toUpperCase()]) {
      expect(await db.row(...replacement(id.toUpperCase(), { id: within }))).toMatchObject({ id });
    }
    expect(await db.refusal(...replacement(id, { id: newEvent().id }))).toMatchObject({
      code: 'invalid_id',
      field: 'id',
    });
  });

  test.for([
    ['invalid_timezone', 'timezone', { timezone: 'PST' }],
    ['invalid_date_time', 'scheduledAt', { scheduled_at: '2099-02-30T00:00:00Z' }],
    ['invalid_topic', 'destinationTopic', { destination_topic: '__x' }],
    ['invalid_payload', 'payload', { payload: null }],
    ['invalid_headers', 'headers.ce_id', { headers: { ce_id: 'x' } }],
    ['message_too_large', 'payload', { payload: Buffer.alloc(900_001) }],
    ['invalid_recurrence', 'recurrence', { recurrence: 'FREQ=DAILY' }],
  ] as const)('checks like a creation: %s', async ([code, field, fields], { db }) => {
    const { id } = await schedule(db);
    const before = await stored(db, id);
    expect(await db.refusal(...replacement(id, fields))).toMatchObject({ code, field });
    expect(await stored(db, id)).toEqual(before);
  });

  test.for([[newEvent().id], ['x'], ['']])('of %s is not_found', async ([id], { db }) => {
    expect(await db.refusal(...replacement(id as string, {}))).toMatchObject({
      code: 'not_found',
      field: 'id',
    });
  });

  test('the attempts that an event has had stay counted', async ({ db }) => {
    const id = await eventIn(db, 'SCHEDULED');
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    await relay.reject(lane, await relay.batch(lane), [id]);
    expect(await db.row(...replacement(id, {}))).toMatchObject({ retry: 1, status: 'SCHEDULED' });
  });
});

describe.each(['repeatable read', 'serializable'])('under %s', (level) => {
  test.for([
    ['cancel', () => [cancel, []] as const],
    ['replace', (id: string) => replacement(id, {})],
    [
      'UPDATE',
      () => [`update scheduler_private.events set updated_at = now() where id = $1`, []] as const,
    ],
    [
      'UPDATE of contents',
      () =>
        [
          `update scheduler_private.event_contents set payload = '' where event_id = $1`,
          [],
        ] as const,
    ],
  ] as const)('%s of an event is refused', async ([name, statement], { open }) => {
    const session = await open();
    const { id } = await schedule(session);
    const before = await stored(session, id);
    const [sql, values] = statement(id);
    await session.rows(`begin isolation level ${level}`);
    const refusal = await session.refusal(sql, name === 'replace' ? [...values] : [id]);
    await session.rows('rollback');
    expect(refusal).toMatchObject({ sqlstate: 'SC044', code: 'isolation_level' });
    expect(await stored(session, id)).toEqual(before);
  });

  test('an event is created and read', async ({ open }) => {
    const session = await open();
    await session.rows(`begin isolation level ${level}`);
    const { id } = await schedule(session);
    await session.rows('commit');
    const status: Status = await session.value('select status from scheduler.event($1)', [id]);
    expect(status).toBe('SCHEDULED');
  });
});
