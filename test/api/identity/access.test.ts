import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from '../../../api/server.ts';
import type { IdentitySettings, TokenSettings } from '../../../settings/identity.ts';
import { newEvent, type TestApi, testApi } from '../harness.ts';

let local: TestApi;
let alice: TestApi;
let bob: TestApi;
beforeAll(async () => {
  local = await testApi();
  const { database } = local;
  [alice, bob] = await Promise.all([
    testApi({ database, anonymousIdentity: 'alice' }),
    testApi({ database, anonymousIdentity: 'bob' }),
  ]);
  await local.graphql(`mutation {
    a: grantTopic(input: {identity: "alice", topic: "alices-", prefix: true}) { clientMutationId }
    b: grantTopic(input: {identity: "bob", topic: "bobs"}) { clientMutationId }
  }`);
});
afterAll(async () => {
  await Promise.all([alice.close(), bob.close()]);
  await local.close();
});

test('a request without Authorization acts as ANONYMOUS_IDENTITY, which is logged at start', async () => {
  const event = newEvent({ destinationTopic: 'alices-topic' });
  const { status, json } = await alice.request('POST', '/events', event);
  expect([status, json.owner]).toEqual([201, 'alice']);
  const line = JSON.parse(alice.log[0] ?? '{}');
  expect(line).toMatchObject({ identity: 'alice', role: 'producer' });
  expect(line.msg).toContain('ANONYMOUS_IDENTITY');
});

test('a topic that is not granted is 403 topic_not_granted', async () => {
  const event = newEvent({ destinationTopic: 'bobs' });
  const { status, json } = await alice.request('POST', '/events', event);
  expect(status).toBe(403);
  expect(json).toMatchObject({ code: 'topic_not_granted', field: 'destinationTopic' });
  expect((await local.request('GET', `/events/${event.id}`)).status).toBe(404);

  const allowed = newEvent({ destinationTopic: 'alices-topic' });
  await alice.request('POST', '/events', allowed);
  const moved = { ...allowed, destinationTopic: 'bobs' };
  const answer = await alice.request('PUT', `/events/${allowed.id}`, moved);
  expect([answer.status, answer.json.code]).toEqual([403, 'topic_not_granted']);
});

test("what is another's answers as if it did not exist", async () => {
  const event = newEvent({ destinationTopic: 'alices-topic' });
  await alice.request('POST', '/events', event);
  const answers = [
    await bob.request('GET', `/events/${event.id}`),
    await bob.request('GET', `/events/${event.id}/status`),
    await bob.request('PUT', `/events/${event.id}`, { ...event, destinationTopic: 'bobs' }),
    await bob.request('PATCH', `/events/${event.id}/cancel`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  const graphql = await bob.graphql(`{ event(id: "${event.id}") { id } }`);
  expect(graphql).toEqual({ data: { event: null } });

  const taken = await bob.request('POST', '/events', { ...event, destinationTopic: 'bobs' });
  expect([taken.status, taken.json.code]).toEqual([409, 'id_taken']);
  expect(JSON.stringify(taken.json)).not.toContain('alice');
  expect((await alice.request('GET', `/events/${event.id}`)).json.status).toBe('SCHEDULED');
});

test('the operator sees and changes everything, under the grants of its owner', async () => {
  const event = newEvent({ destinationTopic: 'alices-topic' });
  await alice.request('POST', '/events', event);
  const path = `/events/${event.id}`;
  expect((await local.request('GET', path)).json.owner).toBe('alice');
  const moved = await local.request('PUT', path, { ...event, destinationTopic: 'bobs' });
  expect([moved.status, moved.json.code]).toEqual([403, 'topic_not_granted']);
  expect((await local.request('PATCH', `${path}/cancel`)).status).toBe(200);
});

test('a producer grants no topics', async () => {
  const { errors } = await alice.graphql(
    'mutation { grantTopic(input: {identity: "alice", topic: "bobs"}) { clientMutationId } }',
  );
  expect(errors).toMatchObject([{ extensions: { code: 'forbidden' } }]);
});

describe.each([
  ['local mode', () => local],
  ['anonymous mode', () => alice],
])('in %s', (_name, api) => {
  test.each(['Bearer eyJhbGciOiJub25lIn0.e30.', 'Basic YTpi', 'nonsense', ''])(
    'Authorization: %s is 401',
    async (authorization) => {
      const { request } = api();
      const answers = [
        await request('POST', '/events', newEvent(), {
          authorization,
          'content-type': 'application/json',
        }),
        await request('GET', `/events/${newEvent().id}`, undefined, { authorization }),
        await request('POST', '/graphql', '{"query":"{__typename}"}', {
          authorization,
          'content-type': 'application/json',
        }),
      ];
      for (const { status, json, headers } of answers) {
        expect([status, json.code]).toEqual([401, 'invalid_token']);
        expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
      }
    },
  );
});

test('identities do not leak from one request into the next on the same connection', async () => {
  const event = newEvent({ destinationTopic: 'alices-topic' });
  await alice.request('POST', '/events', event);
  const { rows } = await local.dba.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and application_name = 'scheduler api'`,
  );
  expect(rows[0].n).toBeGreaterThan(0);
  // Health runs without an identity on the pool that has just served one.
  expect((await alice.request('GET', '/health/ready')).status).toBe(200);
  expect((await alice.request('GET', `/events/${event.id}`)).status).toBe(200);
  expect((await bob.request('GET', `/events/${event.id}`)).status).toBe(404);
});

test.each(['0.0.0.0', '::', '192.0.2.1', 'scheduler.example', '127.0.0.1.example'])(
  'listening on %s with neither tokens nor ANONYMOUS_IDENTITY is refused, naming the settings',
  async (host) => {
    const start = startApi({
      databaseUrl: local.database.apiUrl,
      host,
      port: 0,
      identity: { anonymousIdentity: undefined, tokens: undefined },
      log: pino({ level: 'silent' }),
    });
    await expect(start).rejects.toThrow(/HOST.*JWT_ISSUERS.*ANONYMOUS_IDENTITY/);
  },
);

const issuer = 'https://login.example/';
const tokens: TokenSettings = {
  issuers: [{ alias: 'corp', issuer, keys: new URL('jwks.json', issuer) }],
  audience: 'scheduler',
  roleClaim: 'scheduler_role',
  clockTolerance: 5,
};

test.each<[string, IdentitySettings]>([
  ['ANONYMOUS_IDENTITY', { anonymousIdentity: 'alice', tokens: undefined }],
  ['JWT_ISSUERS', { anonymousIdentity: undefined, tokens }],
])('listening everywhere with %s works', async (_name, identity) => {
  const api = await startApi({
    databaseUrl: local.database.apiUrl,
    host: '0.0.0.0',
    port: 0,
    identity,
    log: pino({ level: 'silent' }),
  });
  try {
    expect((await fetch(`${api.rest}/health/live`)).status).toBe(200);
  } finally {
    await api.close();
  }
});
