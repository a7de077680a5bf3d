import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const create = (fields: Record<string, unknown>) => it.request('POST', '/events', fields);

test('a creation answers 201 with the event, its defaults and where it is', async () => {
  const event = newEvent({ timezone: 'Asia/Tokyo' });
  const { status, headers, json } = await create(event);
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`/events/${event.id}`);
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(json).toEqual({
    ...event,
    scheduledInstant: '2030-01-01T00:00:00Z',
    endsAt: null,
    recurrence: null,
    gap: 'shift',
    overlap: 'first',
    missed: null,
    maxLateness: null,
    key: null,
    headers: {},
    status: 'SCHEDULED',
    retry: 0,
    lastError: null,
    recurrenceId: null,
    occurrence: null,
    owner: 'local',
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/),
    updatedAt: json.createdAt,
    publishedAt: null,
    nextAt: '2030-01-01T00:00:00Z',
  });
  expect((await it.request('GET', `/events/${event.id}`)).json).toEqual(json);
});

test('every optional field reads back as it was given', async () => {
  const event = newEvent({
    scheduledAt: '2030-07-01T10:00:00.000001',
    timezone: 'Europe/Berlin',
    endsAt: '2030-07-01T10:30:00',
    overlap: 'last',
    maxLateness: 'PT15M',
    key: 'a-key',
    headers: { 'content-type': 'text/plain', ce_type: 'a.type', __proto__x: '' },
  });
  const { status, json } = await create(event);
  expect(status).toBe(201);
  expect(json).toMatchObject({ ...event, scheduledInstant: '2030-07-01T08:00:00.000001Z' });
});

test('without an id the server makes one of version 7', async () => {
  const { id, ...event } = newEvent();
  const { json, headers } = await create(event);
  expect(json.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(headers.get('location')).toBe(`/events/${json.id}`);
  expect(json.id).not.toBe(id);
});

test.each([
  ['zero bytes', Buffer.alloc(0)],
  ['every byte', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['900,000 bytes, the most', Buffer.alloc(900_000, 0xff)],
])('a payload of %s reads back byte for byte', async (_name, payload) => {
  const event = newEvent({ payload: payload.toString('base64') });
  expect((await create(event)).status).toBe(201);
  const { json } = await it.request('GET', `/events/${event.id}`);
  expect(Buffer.from(String(json.payload), 'base64').equals(payload)).toBe(true);
});

test('null and "" are the same as nothing', async () => {
  const blank = ['', null].map((nothing) => ({
    ...newEvent(),
    ...Object.fromEntries(
      [
        ...['timezone', 'endsAt', 'recurrence', 'gap', 'overlap', 'missed', 'maxLateness'],
        ...['key', 'headers', 'status', 'recurrenceId'],
      ].map((name) => [name, nothing]),
    ),
  }));
  for (const event of blank) {
    const { status, json } = await create(event);
    expect(status).toBe(201);
    expect(json).toMatchObject({ timezone: 'UTC', gap: 'shift', key: null, headers: {} });
  }
  const { status, json } = await create({ ...newEvent(), id: '' });
  expect([status, typeof json.id]).toEqual([201, 'string']);
});

test('read-only fields are ignored whatever they say', async () => {
  const readOnly = {
    ...{ scheduledInstant: 1, retry: 'x', lastError: [], occurrence: {}, owner: 'somebody' },
    ...{ createdAt: false, updatedAt: null, publishedAt: '1', nextAt: '', recurrenceId: 'r' },
  };
  const { status, json } = await create({ ...newEvent(), ...readOnly, status: 'SCHEDULED' });
  expect(status).toBe(201);
  expect(json).toMatchObject({ owner: 'local', retry: 0, lastError: null, publishedAt: null });
});

test('repeating a creation answers 200 with the event as it is', async () => {
  const event = newEvent();
  const first = await create(event);
  const again = await create({ ...event, id: event.id.toUpperCase(), timezone: 'UTC' });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.json).toEqual(first.json);
  expect(again.headers.get('location')).toBeNull();

  await it.request('PATCH', `/events/${event.id}/cancel`);
  const afterwards = await create(event);
  expect(afterwards.status).toBe(200);
  expect(afterwards.json.status).toBe('CANCELED');
});

test('creating other content under a known id is 409', async () => {
  const event = newEvent();
  await create(event);
  const { status, json } = await create({ ...event, payload: '' });
  expect(status).toBe(409);
  expect(json).toMatchObject({ code: 'id_taken', field: 'id' });
  expect((await it.request('GET', `/events/${event.id}`)).json.payload).toBe(event.payload);
});

test('of 50 concurrent creations of one event exactly one is 201', async () => {
  const event = newEvent({ id: randomUUID() });
  const answers = await Promise.all(Array.from({ length: 50 }, () => create(event)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([...Array(49).fill(200), 201]);
  const { rows } = await it.dba.query('select from scheduler_private.events where id = $1', [
    event.id,
  ]);
  expect(rows).toHaveLength(1);
});

test('no payload, key or header is logged', async () => {
  const secret = 'c2VjcmV0c2VjcmV0';
  await create(newEvent({ payload: secret, key: secret, headers: { h: secret } }));
  await create(newEvent({ payload: secret, key: `${secret}\0` }));
  await create(newEvent({ payload: `${secret}-` }));
  await it.request('POST', '/events', `{"payload":"${secret}" "x"}`);
  await it.graphql(`mutation { scheduleEvent(input: {scheduledAt: "x", destinationTopic: "t",
    payload: "${secret}"}) { clientMutationId } }`);
  expect(it.log.length).toBeGreaterThan(4);
  expect(it.log.join('')).not.toContain(secret);
});
