import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSchedulableEvent, SchedulerClient } from '../../client/index.ts';
import { type TestApi, testApi } from '../api/harness.ts';

let api: TestApi;

beforeAll(async () => {
  api = await testApi();
});
afterAll(() => api.close());

const newEvent = () =>
  createSchedulableEvent({
    scheduledAt: '2035-01-01T00:00:00Z',
    payload: '',
    destinationTopic: 't',
  });

/** A client of the API whose network does something else at first. */
function clientThat(...mishaps: ((real: () => Promise<Response>) => Promise<Response>)[]) {
  let requests = 0;
  const client = new SchedulerClient({
    baseUrl: api.api.rest,
    fetch: (url, init) => {
      requests++;
      const real = () => fetch(url, init);
      return mishaps.shift()?.(real) ?? real();
    },
  });
  return { client, requests: () => requests };
}

/** A server that answers all requests alike, or not at all. */
async function serverThat(answers: { status: number; headers?: Record<string, string> } | null) {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    if (answers) response.writeHead(answers.status, answers.headers).end('busy');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('what got no answer is sent again, and was stored once', async () => {
  const refuse = () => Promise.reject(new TypeError('fetch failed'));
  const loseAnswer = async (real: () => Promise<Response>) => {
    await real();
    return refuse();
  };
  const { client, requests } = clientThat(refuse, loseAnswer);
  const event = newEvent();
  expect(await client.schedule(event)).toMatchObject({ created: false, event: { id: event.id } });
  expect(requests()).toBe(3);
});

test('what is said to be over soon is asked again, not before the server wants it', async () => {
  const away = async () => new Response('{}', { status: 503, headers: { 'retry-after': '1' } });
  const busy = async () => Response.json({ code: 'busy' }, { status: 409 });
  const { client, requests } = clientThat(away, busy);
  const begin = performance.now();
  expect(await client.schedule(newEvent())).toMatchObject({ created: true });
  expect(requests()).toBe(3);
  expect(performance.now() - begin).toBeGreaterThan(990);
});

test('a change of what is being published waits until that is over', async () => {
  const claim = `insert into scheduler_private.batches (lane, delivery_mode, event_ids, claimed_at)
    select lane, 'exactly_once', array[id], now() from scheduler_private.events where id = $1`;
  const event = newEvent();
  const seesRefusal = async (real: () => Promise<Response>) => {
    const response = await real();
    expect(await response.clone().json()).toMatchObject({ code: 'in_flight' });
    await api.dba.query('delete from scheduler_private.batches');
    return response;
  };
  const { client, requests } = clientThat((real) => real(), seesRefusal);
  await client.schedule(event);
  await api.dba.query(claim, [event.id]);
  expect(await client.cancel(event.id)).toMatchObject({ status: 'CANCELED' });
  expect(requests()).toBe(3);
});

test('what will be refused again is not repeated', async () => {
  const { client, requests } = clientThat();
  await expect(client.schedule({ ...newEvent(), timezone: 'PST' })).rejects.toMatchObject({
    code: 'invalid_timezone',
  });
  expect(requests()).toBe(1);
});

test('what could be stored twice is not sent at all', async () => {
  const { client, requests } = clientThat();
  const event = { ...newEvent(), id: '' };
  await expect(client.schedule(event)).rejects.toThrow('id: it is missing');
  await expect(client.scheduleAll([event])).rejects.toThrow('id: it is missing');
  expect(requests()).toBe(0);
});

test('gives up after its timeout, with what went wrong last', async () => {
  await using silent = await serverThat(null);
  await using busy = await serverThat({ status: 503 });
  await using throttled = await serverThat({ status: 429, headers: { 'retry-after': '3600' } });
  const giveUp = (baseUrl: string) =>
    new SchedulerClient({ baseUrl, timeout: 1_000, attemptTimeout: 100 }).ready();
  await expect(giveUp(silent.url)).rejects.toMatchObject({
    name: 'UnavailableError',
    status: null,
    code: 'timed_out',
  });
  expect(silent.requests()).toBeGreaterThan(1);
  await expect(giveUp(busy.url)).rejects.toMatchObject({
    name: 'UnavailableError',
    status: 503,
    code: 'unexpected_answer',
  });
  await expect(giveUp(throttled.url)).rejects.toMatchObject({ status: 429 });
  expect(throttled.requests()).toBe(1);
  await expect(giveUp('http://127.0.0.1:9')).rejects.toMatchObject({
    name: 'UnavailableError',
    code: 'unreachable',
  });
});

test('a signal ends a call with its own reason', async () => {
  await using silent = await serverThat(null);
  await using busy = await serverThat({ status: 503, headers: { 'retry-after': '10' } });
  for (const server of [silent, busy]) {
    const controller = new AbortController();
    const call = new SchedulerClient({ baseUrl: server.url }).ready({ signal: controller.signal });
    const ended = expect(call).rejects.toThrow('enough');
    await expect.poll(() => server.requests(), { interval: 5 }).toBe(1);
    controller.abort(new Error('enough'));
    await ended;
  }
});

test('what answers success but no JSON is no scheduler', async () => {
  await using other = await serverThat({ status: 200 });
  await expect(new SchedulerClient({ baseUrl: other.url }).ready()).rejects.toMatchObject({
    name: 'SchedulerError',
    status: 200,
    code: 'unexpected_answer',
  });
});
