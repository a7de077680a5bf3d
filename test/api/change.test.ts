import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';
import { type TestRelay, testRelay } from './relay.ts';

let it: TestApi;
let relay: TestRelay;
beforeAll(async () => {
  it = await testApi();
  relay = await testRelay(it.database.relayUrl);
});
afterAll(async () => {
  await relay.close();
  await it.close();
});

async function create(fields: Json = {}): Promise<Json & { id: string }> {
  const event = newEvent(fields);
  const { status, json } = await it.request('POST', '/events', event);
  expect(status).toBe(201);
  return { ...json, id: event.id };
}
const put = (id: string, body: unknown) => it.request('PUT', `/events/${id}`, body);
const cancel = (id: string, body?: unknown, headers?: Record<string, string>) =>
  it.request('PATCH', `/events/${id}/cancel`, body, headers);
const read = async (id: string) => (await it.request('GET', `/events/${id}`)).json;

describe('PUT of what GET gave', () => {
  test.each<[string, Json]>([
    ['an instant', { scheduledAt: '2030-01-01T00:00:00Z', timezone: 'Asia/Tokyo' }],
    ['an instant with microseconds', { scheduledAt: '2030-01-01T00:00:00.123456Z' }],
    ['an instant with an offset', { scheduledAt: '2030-01-01T09:00:00.5+09:00' }],
    ['wall time', { scheduledAt: '2030-07-01T10:00:00.000001', timezone: 'Europe/Berlin' }],
    ['a skipped wall time', { scheduledAt: '2030-03-10T02:30:00', timezone: 'America/New_York' }],
    [
      'the first pass of an overlap',
      { scheduledAt: '2030-11-03T01:30:00', timezone: 'America/New_York' },
    ],
    [
      'the second pass of an overlap, by its offset',
      {
        scheduledAt: '2030-11-03T01:30:00-05:00',
        endsAt: '2030-11-03T01:45:00-05:00',
        timezone: 'America/New_York',
      },
    ],
    [
      'the second pass of an overlap, by overlap: last',
      { scheduledAt: '2030-11-03T01:30:00', timezone: 'America/New_York', overlap: 'last' },
    ],
    [
      'every field',
      {
        endsAt: '2030-01-01T00:30:00Z',
        maxLateness: 'P1DT15M0.5S',
        key: 'k',
        headers: { 'content-type': 'text/plain' },
        payload: '/+8=',
      },
    ],
  ])('moves nothing: %s', async (_name, fields) => {
    const event = await create(fields);
    const { status, json } = await put(event.id, event);
    expect(status).toBe(200);
    expect(json).toEqual({ ...event, updatedAt: json.updatedAt });
    expect(String(json.updatedAt) > String(event.updatedAt)).toBe(true);
    expect(await read(event.id)).toEqual(json);
  });
});

test('an offset that names the second pass reads back as that wall time', async () => {
  const event = await create({
    scheduledAt: '2030-11-03T01:30:00-05:00',
    timezone: 'America/New_York',
  });
  expect(event).toMatchObject({
    scheduledAt: '2030-11-03T01:30:00-05:00',
    scheduledInstant: '2030-11-03T06:30:00Z',
  });
});

test('PUT replaces the whole: absent optional fields take their defaults', async () => {
  const { id } = await create({ key: 'k', headers: { a: 'b' }, maxLateness: 'PT1M' });
  const changed = {
    scheduledAt: '2031-01-01T00:00:00',
    payload: '',
    destinationTopic: 'another-topic',
  };
  const { json } = await put(id, changed);
  const defaults = { key: null, headers: {}, maxLateness: null, timezone: 'UTC' };
  expect(json).toMatchObject({ id, ...changed, ...defaults, nextAt: '2031-01-01T00:00:00Z' });
});

test.each(['', null])('PUT with %j in an optional field is as without it', async (nothing) => {
  const event = await create({ key: 'k', headers: { a: 'b' }, maxLateness: 'PT1M', gap: 'shift' });
  const names = ['id', 'timezone', 'endsAt', 'recurrence', 'gap', 'overlap', 'missed', 'status'];
  const blank = [...names, 'maxLateness', 'key', 'headers', 'recurrenceId'];
  const { status, json } = await put(event.id, {
    ...event,
    ...Object.fromEntries(blank.map((name) => [name, nothing])),
  });
  expect(status).toBe(200);
  const defaults = { timezone: 'UTC', gap: 'shift', key: null, headers: {}, maxLateness: null };
  expect(json).toMatchObject({ ...defaults, id: event.id, status: 'SCHEDULED' });
});

test('PUT ignores read-only fields whatever they say', async () => {
  const event = await create();
  const readOnly = {
    ...{ scheduledInstant: 1, retry: 'x', lastError: [], occurrence: {}, owner: 'somebody' },
    ...{ createdAt: false, updatedAt: null, publishedAt: '1', nextAt: '' },
  };
  const { status, json } = await put(event.id, { ...event, ...readOnly });
  expect([status, { ...json, updatedAt: '' }]).toEqual([200, { ...event, updatedAt: '' }]);
});

test.each<[Json, number, string, string]>([
  [{ id: '018f0000-0000-7000-8000-000000000001' }, 400, 'invalid_id', 'id'],
  [{ recurrenceId: '018f0000-0000-7000-8000-000000000001' }, 400, 'invalid_event', 'recurrenceId'],
  [{ recurrence: 'RRULE:FREQ=DAILY' }, 400, 'invalid_recurrence', 'recurrence'],
  [{ status: 'CANCELED' }, 409, 'status_mismatch', 'status'],
  [{ status: 1 }, 400, 'invalid_event', 'status'],
  [{ destinationTopic: null }, 400, 'invalid_topic', 'destinationTopic'],
  [{ payload: '*' }, 400, 'invalid_payload', 'payload'],
  [{ nope: 1 }, 400, 'invalid_event', 'nope'],
])('PUT with %j is refused and changes nothing', async (fields, status, code, field) => {
  const event = await create();
  const answer = await put(event.id, { ...event, ...fields });
  expect([answer.status, answer.json.code, answer.json.field]).toEqual([status, code, field]);
  expect(await read(event.id)).toEqual(event);
});

test('PUT without an id, or with it in other case, is of the path', async () => {
  const { id, ...event } = await create();
  expect((await put(id, event)).status).toBe(200);
  expect((await put(id.toUpperCase(), { ...event, id: id.toUpperCase() })).json.id).toBe(id);
});

test('cancelling needs no body and no content type, and may be repeated', async () => {
  const { id } = await create();
  const first = await cancel(id);
  expect([first.status, first.json.status, first.json.nextAt]).toEqual([200, 'CANCELED', null]);
  const again = [
    await cancel(id, undefined, { 'content-type': 'application/json' }),
    await cancel(id, '', { 'content-type': 'application/json' }),
    await cancel(id, '{}', { 'content-type': 'application/json' }),
    await cancel(id, 'x', { 'content-type': 'application/x-www-form-urlencoded' }),
    await cancel(id, 'x', {}),
    await cancel(id, 'x', { 'content-encoding': 'br' }),
  ];
  for (const { status, json } of again) {
    expect(status).toBe(200);
    expect(json).toEqual(first.json);
  }
});

test('a canceled event is not changed any more', async () => {
  const event = await create();
  const canceled = (await cancel(event.id)).json;
  const { status, json } = await put(event.id, canceled);
  expect([status, json.code, json.detail]).toEqual([409, 'final', 'CANCELED']);
});

describe('while an event is being published', () => {
  let event: Json & { id: string };
  beforeEach(async () => {
    event = await create();
    await relay.claimAll();
    return () => relay.discard();
  });

  test('changing it is 409 in_flight, and possible again when it was not', async () => {
    const answer = await put(event.id, event);
    expect([answer.status, answer.json.code]).toEqual([409, 'in_flight']);
    await relay.discard();
    expect((await put(event.id, event)).status).toBe(200);
  });

  test('cancelling it is 409 in_flight, and 409 final when it was', async () => {
    const answer = await cancel(event.id);
    expect([answer.status, answer.json.code]).toEqual([409, 'in_flight']);
    await relay.confirm();
    const afterwards = await cancel(event.id);
    expect(afterwards.status).toBe(409);
    expect(afterwards.json).toMatchObject({ code: 'final', field: 'status', detail: 'PUBLISHED' });
    expect((await put(event.id, event)).json.code).toBe('final');
    expect(await read(event.id)).toMatchObject({
      status: 'PUBLISHED',
      nextAt: null,
      publishedAt: expect.stringMatching(/Z$/),
    });
  });
});

test('a row that a stranger holds is 409 in_flight after two seconds', async () => {
  const { id } = await create();
  const stranger = await it.dba.connect();
  try {
    await stranger.query('begin');
    await stranger.query('select from scheduler_private.events where id = $1 for update', [id]);
    const answer = await cancel(id);
    expect([answer.status, answer.json.code]).toEqual([409, 'in_flight']);
  } finally {
    await stranger.query('rollback');
    stranger.release();
  }
});
