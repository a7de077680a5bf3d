import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const post = (events: unknown) => it.request('POST', '/events/batch', events);
const daily = { scheduledAt: '2035-04-15T10:00:00', recurrence: 'RRULE:FREQ=DAILY;COUNT=10' };

async function countOf(ids: readonly unknown[]): Promise<number> {
  const { rows } = await it.dba.query(
    'select from scheduler_private.events where id = any ($1::text[])',
    [ids],
  );
  return rows.length;
}

test('one-off events and series are created in the order given, as POST /events would', async () => {
  const events = [
    newEvent({ key: 'k', headers: { 'content-type': 'text/plain' }, payload: '/+8=' }),
    newEvent({ ...daily, timezone: 'Asia/Tokyo', missed: 'latest', overlap: '' }),
    newEvent({ endsAt: '2030-01-01T00:30:00Z', maxLateness: 'PT1H', headers: null, key: '' }),
    { ...newEvent(), id: undefined, status: 'SCHEDULED', retry: 7 },
  ];
  const { status, json } = await post(events);
  const items = json as unknown as Json[];
  expect(status).toBe(201);
  expect(items).toEqual(
    events.map(({ id = expect.any(String) }) => ({ id, status: 'SCHEDULED', created: true })),
  );
  for (const [index, { id: _, retry, status: given, ...event }] of events.entries()) {
    const single = await it.request('POST', '/events', event);
    const batched = await it.request('GET', `/events/${items[index]?.id}`);
    const own = { id: '', createdAt: '', updatedAt: '', nextAt: '' };
    expect({ ...batched.json, ...own }).toEqual({ ...single.json, ...own });
  }
});

test('known ids with the same content pass, as they are now', async () => {
  const [old, fresh] = [newEvent(daily), newEvent()];
  await it.request('POST', '/events', old);
  await it.request('PATCH', `/events/${old.id}/cancel`);
  const first = await post([{ ...old, id: old.id.toUpperCase() }, fresh]);
  expect(first).toMatchObject({
    status: 201,
    json: [
      { id: old.id, status: 'CANCELED', created: false },
      { id: fresh.id, status: 'SCHEDULED', created: true },
    ],
  });
  expect(await post([fresh])).toMatchObject({ status: 200, json: [{ created: false }] });
});

test('of nothing nothing becomes', async () => {
  expect(await post([])).toMatchObject({ status: 200, json: [] });
});

test('a series is taken with its warnings', async () => {
  const unmatched = { ...daily, recurrence: 'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3' };
  const { json } = await post([newEvent(), newEvent(unmatched)]);
  expect(json).toMatchObject([{}, { warnings: [{ code: 'start_not_matching' }] }]);
  expect((json as unknown as Json[])[0]).not.toHaveProperty('warnings');
});

describe('one that is refused refuses all', () => {
  const taken = newEvent();
  const twice = newEvent();
  const ended = { ...daily, recurrence: 'RRULE:FREQ=DAILY;UNTIL=20300101T000000Z' };
  const old = { scheduledAt: '2015-01-01T00:00:00', recurrence: 'RRULE:FREQ=DAILY' };
  test.each<[string, Json, number, string, string]>([
    ['of another type', { timezone: 9 }, 400, 'invalid_timezone', '[1].timezone'],
    ['unknown', { timezone: 'PST' }, 400, 'invalid_timezone', '[1].timezone'],
    ['no Base64', { payload: 'aGk' }, 400, 'invalid_payload', '[1].payload'],
    ['missing', { payload: undefined }, 400, 'invalid_payload', '[1].payload'],
    ['in a header', { headers: { '5': 1 } }, 400, 'invalid_headers', '[1].headers.5'],
    ['a reserved header', { headers: { ce_id: '' } }, 400, 'invalid_headers', '[1].headers.ce_id'],
    ['NUL', { key: 'a\0' }, 400, 'invalid_event', '[1].key'],
    ['an unknown field', { when: 'now' }, 400, 'invalid_event', '[1].when'],
    ['a status', { status: 'PUBLISHED' }, 400, 'invalid_event', '[1].status'],
    ['a topic', { destinationTopic: '__x' }, 400, 'invalid_topic', '[1].destinationTopic'],
    ['an id twice', twice, 400, 'duplicate_id', '[2].id'],
    ['a taken id', { id: taken.id, key: 'other' }, 409, 'id_taken', '[1].id'],
    ['its grammar', { recurrence: 'X' }, 400, 'invalid_recurrence', '[1].recurrence'],
    ['no occurrence', ended, 400, 'invalid_recurrence', '[1].recurrence'],
    ['many past occurrences', old, 400, 'many_past_occurrences', '[1].missed'],
  ])('%s', async (_name, fields, status, code, field) => {
    await it.request('POST', '/events', taken);
    const events = [newEvent(), newEvent(fields), newEvent({ id: twice.id })];
    const answer = await post(events);
    expect(answer).toMatchObject({ status, json: { code, field } });
    expect(await countOf([events[0]?.id, events[2]?.id])).toBe(0);
  });

  test('an item that is no event is named by its place alone', async () => {
    expect(await post([newEvent(), 'x'])).toMatchObject({
      status: 400,
      json: { code: 'invalid_event', field: '[1]' },
    });
  });
});

test('ten thousand are taken at once, one more is not', async () => {
  const events = Array.from({ length: 10_000 }, () => newEvent());
  const { status, json } = await post(events);
  expect(status).toBe(201);
  expect(json).toHaveLength(events.length);
  expect(await countOf(events.map(({ id }) => id))).toBe(events.length);
  expect(await post([...events, newEvent({ id: randomUUID() })])).toMatchObject({
    status: 400,
    json: { code: 'invalid_event', detail: expect.stringContaining('10000') },
  });
});

test('series that take much work hold up nobody, and together they may not take too much', async () => {
  const recurrence = 'RRULE:FREQ=SECONDLY\nRRULE:FREQ=SECONDLY;INTERVAL=3';
  const endless = { scheduledAt: '1000-01-01T00:00:00', recurrence, missed: 'skip' };
  let posted = false;
  const posting = post(Array.from({ length: 60 }, () => newEvent(endless))).finally(() => {
    posted = true;
  });
  let answered = 0;
  while (!posted) {
    await it.request('GET', '/health/live');
    answered += 1;
  }
  expect(await posting).toMatchObject({
    status: 400,
    json: { code: 'invalid_recurrence', field: expect.stringMatching(/^\[\d+\]\.recurrence$/) },
  });
  expect((await posting).json.detail).toContain('send it in parts');
  expect(answered).toBeGreaterThan(10);
});

test.each([
  ['an object', {}, 'invalid_event'],
  ['text', '"x"', 'invalid_event'],
  ['no JSON', '[', 'malformed_json'],
])('%s is no batch', async (_name, body, code) => {
  const answer = await post(body);
  expect(answer).toMatchObject({ status: 400, json: { code } });
});
