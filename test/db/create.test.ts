import { describe, expect } from 'vitest';
import { each } from './lanes.ts';
import { batch, creation, newEvent, schedule, test } from './session.ts';

describe('defaults and normal forms', () => {
  test('absent fields take their defaults', async ({ db }) => {
    const event = newEvent();
    expect(await db.row(...creation(event))).toMatchObject({
      id: event.id,
      scheduled_at: '2099-01-01T00:00:00Z',
      scheduled_instant: new Date('2099-01-01T00:00:00Z'),
      next_at: new Date('2099-01-01T00:00:00Z'),
      timezone: 'UTC',
      payload: Buffer.from('hello'),
      destination_topic: 'a-topic',
      ends_at: null,
      gap: 'shift',
      overlap: 'first',
      max_lateness: null,
      key: null,
      headers: {},
      status: 'SCHEDULED',
      retry: 0,
      last_error: null,
      published_at: null,
      owner: 'sql:postgres',
    });
  });

  test('empty text is absent', async ({ db }) => {
    const empty = { timezone: '', ends_at: '', recurrence: '', gap: '', overlap: '', missed: '' };
    const event = await schedule(db, { ...empty, max_lateness: '', key: '' });
    expect(event).toMatchObject({ timezone: 'UTC', ends_at: null, gap: 'shift', overlap: 'first' });
    expect(event).toMatchObject({ max_lateness: null, key: null });
  });

  test('every field reads back', async ({ db }) => {
    const fields = {
      scheduled_at: '2099-06-01T10:00:00.5',
      timezone: 'Asia/Tokyo',
      ends_at: '2099-06-01T03:00:00Z',
      overlap: 'last',
      max_lateness: 'PT15M',
      key: 'customer 7',
      headers: { 'content-type': 'text/plain', ce_type: 'a', ce_source: 'b' },
    };
    expect(await schedule(db, fields)).toMatchObject({
      ...fields,
      scheduled_instant: new Date('2099-06-01T01:00:00.5Z'),
    });
  });

  test.for([
    ['2099-06-01T10:00:00', 'Asia/Tokyo', '2099-06-01T10:00:00'],
    ['2099-06-01T10:00:00.100', 'Asia/Tokyo', '2099-06-01T10:00:00.1'],
    ['2099-06-01T10:00:00.123456', 'Asia/Tokyo', '2099-06-01T10:00:00.123456'],
    ['2099-06-01T10:00:00.000000Z', 'Asia/Tokyo', '2099-06-01T10:00:00Z'],
    ['2099-06-01T10:00:00.000001Z', 'UTC', '2099-06-01T10:00:00.000001Z'],
    ['2099-06-01T10:00:00+09:00', 'UTC', '2099-06-01T01:00:00Z'],
    ['2099-06-01T10:00:00-23:59', 'UTC', '2099-06-02T09:59:00Z'],
    ['2099-06-01t10:00:00z', 'UTC', '2099-06-01T10:00:00Z'],
    ['2024-02-29T23:59:59.999999Z', 'UTC', '2024-02-29T23:59:59.999999Z'],
    ['0001-01-01T00:00:00Z', 'UTC', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999Z', 'UTC', '9999-12-31T23:59:59.999999Z'],
    ['2024-11-03T01:30:00-04:00', 'America/New_York', '2024-11-03T05:30:00Z'],
    ['2024-11-03T06:30:00Z', 'America/New_York', '2024-11-03T06:30:00Z'],
    ['2024-11-03T15:30:00+09:00', 'America/New_York', '2024-11-03T06:30:00Z'],
    ['2024-11-03T01:30:00-05:00', 'America/New_York', '2024-11-03T01:30:00-05:00'],
    ['2024-04-07T01:40:00+10:30', 'Australia/Lord_Howe', '2024-04-07T01:40:00+10:30'],
  ] as const)('%s in %s reads back as %s', async ([given, timezone, back], { db }) => {
    expect(await schedule(db, { scheduled_at: given, timezone, ends_at: given })).toMatchObject({
      scheduled_at: back,
      ends_at: back,
    });
  });

  test.for([
    ['PT15M', 'PT15M'],
    ['PT90M', 'PT1H30M'],
    ['P1W', 'P7D'],
    ['P1Y2M3DT4H5M6.789S', 'P1Y2M3DT4H5M6.789S'],
    ['PT0S', 'PT0S'],
  ] as const)('maxLateness %s reads back as %s', async ([given, back], { db }) => {
    expect(await schedule(db, { max_lateness: given })).toMatchObject({ max_lateness: back });
  });

  test('an instant in the past is due at once', async ({ db }) => {
    const event = await schedule(db, { scheduled_at: '2022-03-09T17:43:00Z' });
    expect(event).toMatchObject({ status: 'SCHEDULED', next_at: new Date('2022-03-09T17:43:00Z') });
  });
});

describe('ids', () => {
  test('the server makes one of version 7, with the time in it', async ({ db }) => {
    const before = Date.now();
    const ids = await each([1, 2, 3], async () => (await schedule(db, { id: null })).id as string);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const time = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
      expect(time).toBeGreaterThanOrEqual(before - 1_000);
      expect(time).toBeLessThanOrEqual(Date.now() + 1_000);
    }
  });

  test('an upper-case one is the same as its lower-case form', async ({ db }) => {
    const event = newEvent();
    const upper = event.id.toUpperCase();
    expect(await db.row(...creation({ ...event, id: upper }))).toMatchObject({ id: event.id });
    expect(await db.row('select id from scheduler.event($1)', [upper])).toEqual({ id: event.id });
    expect(await db.row(...creation(event))).toMatchObject({ id: event.id });
    const { status } = await db.row('select status from scheduler.cancel_event($1)', [upper]);
    expect(status).toBe('CANCELED');
  });
});

describe('a batch', () => {
  test('answers with its events in their order', async ({ db }) => {
    const events = Array.from({ length: 20 }, () => newEvent());
    const rows = await db.rows(...batch(events));
    expect(rows.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  test('may be empty', async ({ db }) => {
    expect(await db.rows(...batch([]))).toEqual([]);
  });

  test('takes known ids with the same content along', async ({ db }) => {
    const [known, fresh] = [newEvent(), newEvent()];
    await db.row(...creation(known));
    const rows = await db.rows(...batch([fresh, known]));
    expect(rows.map(({ id }) => id)).toEqual([fresh.id, known.id]);
  });

  test.for([
    ['a bad field', '[1].timezone', 'invalid_timezone', () => newEvent({ timezone: 'PST' })],
    [
      'a bad header',
      '[1].headers.ce_id',
      'invalid_headers',
      () => newEvent({ headers: { ce_id: 'x' } }),
    ],
    [
      'a missing date',
      '[1].scheduledAt',
      'invalid_date_time',
      () => newEvent({ scheduled_at: null }),
    ],
  ] as const)('with %s is refused at %s, nothing stored', async ([, field, code, bad], { db }) => {
    const good = [newEvent(), newEvent()] as const;
    expect(await db.refusal(...batch([good[0], bad(), good[1]]))).toMatchObject({ code, field });
    expect(await db.rows('select from scheduler_private.events')).toEqual([]);
  });

  test('with one id twice is refused at its second place, in either case', async ({ db }) => {
    const event = newEvent();
    const twice = [event, newEvent(), { ...event, id: event.id.toUpperCase() }];
    expect(await db.refusal(...batch(twice))).toMatchObject({
      code: 'duplicate_id',
      field: '[2].id',
      detail: event.id,
    });
  });

  test('with a taken id is refused at its place, nothing stored', async ({ db }) => {
    const { id } = await schedule(db);
    const fresh = newEvent();
    expect(await db.refusal(...batch([fresh, newEvent({ id, key: 'other' })]))).toMatchObject({
      code: 'id_taken',
      field: '[1].id',
    });
    expect(await db.value('select id from scheduler.event($1)', [fresh.id])).toBeNull();
  });

  test('of ten thousand passes', async ({ db }) => {
    const sql = `select count(*)::int from scheduler.schedule_events(array(
      select row(gen_random_uuid()::text, '2099-01-01T00:00:00Z', null, 'x', 'a-topic', null, null, null, null, null, null, null, null)::scheduler.event_input
      from generate_series(1, 10000)))`;
    expect(await db.value(sql)).toBe(10_000);
  });
});

test('a new id each time makes a new event each time', async ({ db }) => {
  const event = newEvent({ id: null });
  const [first, second] = [await db.row(...creation(event)), await db.row(...creation(event))];
  expect(first.id).not.toBe(second.id);
});
