import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSchedulableEvent, SchedulerClient } from '../../client/index.ts';
import { type TestApi, testApi } from '../api/harness.ts';
import { scheduler } from '../cli/scheduler.ts';
import { TokenIssuer } from '../harness/token-issuer.ts';

let issuer: TokenIssuer;
let api: TestApi;

beforeAll(async () => {
  issuer = await TokenIssuer.start();
  api = await testApi({ tokens: issuer.settings() });
  await api.dba.query(`select scheduler.grant_topic('corp:alice', 'a-', true)`);
});
afterAll(async () => {
  await api.close();
  await issuer.close();
});

const newEvent = (destinationTopic: string) =>
  createSchedulableEvent({ scheduledAt: '2035-01-01T00:00:00Z', payload: '', destinationTopic });
const event = newEvent('a-topic');

test('a token is asked for at each attempt, and says who schedules', async () => {
  const given: string[] = [];
  let outages = 1;
  const client = new SchedulerClient({
    baseUrl: api.api.rest,
    token: async () => {
      given.push(await issuer.token({ jti: String(given.length) }));
      return given.at(-1) ?? '';
    },
    fetch: async (url, init) => {
      if (outages-- > 0) throw new TypeError('fetch failed');
      return fetch(url, init);
    },
  });
  expect((await client.schedule(event)).event).toMatchObject({ owner: 'corp:alice' });
  expect(new Set(given).size).toBe(2);
  await expect(client.schedule(newEvent('other'))).rejects.toMatchObject({
    name: 'NotAllowedError',
    status: 403,
    code: 'topic_not_granted',
  });
});

test('the command line shows the token of SCHEDULER_TOKEN', async () => {
  const env = { SCHEDULER_URL: api.api.rest };
  const known = await scheduler(['status', event.id], {
    env: { ...env, SCHEDULER_TOKEN: await issuer.token() },
  });
  expect(known.json).toEqual([{ id: event.id, status: 'SCHEDULED' }]);
  const unknown = await scheduler(['status', event.id], { env });
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toContain('(not_identified)');
});
