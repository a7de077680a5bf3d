import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SchedulerClient } from '../../client/index.ts';
import { type TestApi, testApi } from '../api/harness.ts';
import { collect, newEvent } from './harness.ts';

let api: TestApi;
let client: SchedulerClient;

beforeAll(async () => {
  api = await testApi();
  client = new SchedulerClient({ baseUrl: api.api.rest });
});
afterAll(() => api.close());

test('scheduling again schedules nothing twice', async () => {
  const event = newEvent();
  const first = await client.schedule(event);
  const second = await client.schedule(event);
  expect(first).toMatchObject({ created: true, warnings: [], event: { id: event.id, retry: 0 } });
  expect(second).toEqual({ ...first, created: false });
  expect(await client.event(event.id)).toEqual(first.event);
});

test('an event is replaced by what was read, changed, and cancelled', async () => {
  const { event } = await client.schedule(newEvent());
  const { payload } = newEvent({ payload: 'other' });
  expect(await client.replace({ ...event, payload })).toMatchObject({ id: event.id, payload });
  expect(await client.cancel(event.id)).toMatchObject({ status: 'CANCELED' });
  expect(await client.eventStatusById(event.id)).toBe('CANCELED');
});

test('warnings of a recurrence stand beside the event, which can be sent back as it is', async () => {
  const { event, warnings } = await client.schedule(
    newEvent({
      scheduledAt: '2035-01-02T00:00:00',
      recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO', 'RDATE:20350103T000000'],
    }),
  );
  expect(warnings).toMatchObject([{ code: 'start_not_matching' }]);
  expect(await client.replace(event)).toMatchObject({ id: event.id });
});

test('waits for a status, and says which one it was instead', async () => {
  const { event } = await client.schedule(newEvent());
  const quick = { interval: 10 };
  const canceled = client.waitForStatus(event.id, undefined, quick);
  const published = client.waitForStatus(event.id, 'PUBLISHED', quick);
  const refused = expect(published).rejects.toMatchObject({ code: 'other_status' });
  await expect(
    client.waitForStatus(event.id, 'PUBLISHED', { ...quick, timeout: 30 }),
  ).rejects.toMatchObject({ code: 'timed_out', detail: `${event.id} is still SCHEDULED` });
  await client.cancel(event.id);
  expect(await canceled).toBe('CANCELED');
  await refused;
});

test('instances are followed from page to page, as far as they are wanted', async () => {
  const { id } = newEvent();
  await client.schedule(
    newEvent({ id, scheduledAt: '2035-01-01T09:00:00', recurrence: 'RRULE:FREQ=DAILY' }),
  );
  const to = new Date('2035-01-11T00:00:00Z');
  const ten = await collect(client.instances(id, { to, limit: 3 }));
  expect(ten.map((instance) => instance.occurrence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const some = await collect(client.instances(id, { from: '2036-01-01T00:00:00Z' }), 250);
  expect(new Set(some.map((instance) => instance.id)).size).toBe(250);
});

test('a preview stores nothing', async () => {
  const recurrence = { scheduledAt: '2035-01-01T09:00:00', recurrence: 'RRULE:FREQ=DAILY;COUNT=2' };
  expect(await client.preview({ ...recurrence, timezone: 'Asia/Tokyo' })).toEqual({
    occurrences: ['2035-01-01T00:00:00Z', '2035-01-02T00:00:00Z'],
    complete: true,
    warnings: [],
  });
  expect(await client.ready()).toMatchObject({ status: 'ready' });
});

test('what is refused is thrown with everything that the API says of it', async () => {
  const missing = randomUUID();
  await expect(client.event(missing)).rejects.toMatchObject({
    name: 'NotFoundError',
    status: 404,
    code: 'not_found',
    field: 'id',
    detail: missing,
    hint: expect.any(String),
    message: `id: No such event: ${missing} (not_found)`,
  });
  const event = newEvent();
  await client.schedule(event);
  await expect(client.schedule({ ...event, key: 'other' })).rejects.toMatchObject({
    name: 'ConflictError',
    code: 'id_taken',
  });
  const stranger = new SchedulerClient({ baseUrl: api.api.rest, token: async () => 'no token' });
  await expect(stranger.event(event.id)).rejects.toMatchObject({
    name: 'NotAllowedError',
    status: 401,
  });
});
