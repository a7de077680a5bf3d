import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SchedulerClient, type SchedulerEvent } from '../../client/index.ts';
import { type TestApi, testApi } from '../api/harness.ts';
import { collect, newEvent } from './harness.ts';

let api: TestApi;
let client: SchedulerClient;

beforeAll(async () => {
  api = await testApi();
  client = new SchedulerClient({ baseUrl: api.api.rest });
});
afterAll(() => api.close());

test('a list is followed from page to page, behind a proxy with a path of its own too', async () => {
  const topic = `topic-${randomUUID()}`;
  const events = Array.from({ length: 5 }, () => newEvent({ destinationTopic: topic }));
  await client.scheduleAll(events);
  const behindProxy = new SchedulerClient({
    baseUrl: 'http://proxy.example/scheduler/',
    fetch: (url, init) => {
      const { pathname, search } = new URL(String(url));
      expect(pathname).toMatch(/^\/scheduler\//);
      return fetch(`${api.api.rest}${pathname.slice('/scheduler'.length)}${search}`, init);
    },
  });
  const ids = (list: SchedulerEvent[]) => list.map((event) => event.id).sort();
  const filter = { destinationTopic: topic, status: 'SCHEDULED', limit: 2 } as const;
  expect(ids(await collect(behindProxy.list(filter)))).toEqual(events.map(({ id }) => id).sort());
});

test('any number of events is scheduled in batches; an error names the event', async () => {
  const events = Array.from({ length: 25 }, () => newEvent({ payload: '' }));
  const results = await client.scheduleAll(events, { batchSize: 10 });
  expect(results.map(({ id, created }) => created && id)).toEqual(events.map(({ id }) => id));
  const last = { ...newEvent(), timezone: 'Asia/Nowhere' };
  await expect(client.scheduleAll([...events, last], { batchSize: 10 })).rejects.toMatchObject({
    name: 'InvalidRequestError',
    status: 400,
    code: 'invalid_timezone',
    field: '[25].timezone',
  });
  const again = await client.scheduleBatch(events.slice(0, 2));
  expect(again.map(({ created }) => created)).toEqual([false, false]);
});

test('a batch stays below the size of a body', async () => {
  const payload = 'x'.repeat(800_000);
  const results = await client.scheduleAll(Array.from({ length: 16 }, () => newEvent({ payload })));
  expect(results.filter(({ created }) => created)).toHaveLength(16);
});

test('a change that depends on what was read is refused when it is another now', async () => {
  const { event } = await client.schedule(newEvent());
  const changed = await client.replace({ ...event, key: 'a' }, { ifUnchangedSince: event });
  await expect(
    client.replace({ ...event, key: 'b' }, { ifUnchangedSince: event }),
  ).rejects.toMatchObject({ name: 'ConflictError', code: 'precondition_failed' });
  await expect(client.cancel(event.id, { ifUnchangedSince: { ...event } })).rejects.toThrow(
    'not an event that this client has given',
  );
  expect(await client.cancel(event.id, { ifUnchangedSince: changed })).toMatchObject({ key: 'a' });
});
