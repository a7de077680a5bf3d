import { randomUUID } from 'node:crypto';
import { type Client, createClient } from 'graphql-ws';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { type Json, newEvent, type TestApi, testApi } from '../api/harness.ts';
import { type TestRelay, testRelay } from '../api/relay.ts';
import { daily, seriesClient } from '../api/series/series.ts';
import { now, TokenIssuer } from '../harness/token-issuer.ts';

let it: TestApi;
let secured: TestApi;
let relay: TestRelay;
let issuer: TokenIssuer;
const clients: Client[] = [];
beforeAll(async () => {
  issuer = await TokenIssuer.start();
  it = await testApi();
  secured = await testApi({ database: it.database, tokens: issuer.settings() });
  relay = await testRelay(it.database.relayUrl);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(async () => {
  await relay.close();
  await secured.close();
  await it.close();
  await issuer.close();
});

interface Subscriber {
  readonly answers: Json[];
  readonly isOver: () => boolean;
  /** Waits for an answer. */
  until(matches: (answer: string) => boolean): Promise<true>;
}

function subscribe(query: string, api = it, connectionParams?: Json): Subscriber {
  const url = api.api.graphql.replace('http', 'ws');
  const client = createClient({
    url,
    retryAttempts: 0,
    ...(connectionParams && { connectionParams }),
  });
  clients.push(client);
  const answers: Json[] = [];
  let isOver = false;
  const end = (errors?: unknown) => {
    isOver = true;
    if (errors) answers.push({ errors });
  };
  client.subscribe(
    { query },
    { next: (answer) => answers.push(answer as Json), error: end, complete: () => end() },
  );
  return {
    answers,
    isOver: () => isOver,
    until: (matches) =>
      waitFor('a subscriber is told', 10_000, async () =>
        answers.some((answer) => matches(JSON.stringify(answer))),
      ),
  };
}

const updated = (id: string) =>
  `subscription { eventUpdated(id: "${id}") { id status key nextAt } }`;
const ofTopic = (topic: string) =>
  `subscription { eventsUpdated(topic: "${topic}") { complete events { id status payload } } }`;
const { create, cancel } = seriesClient(() => it);

test('an event is told as it is, and when a user, a DBA or a relay changed it', async () => {
  const event = newEvent({ scheduledAt: '2022-01-01T00:00:00Z' });
  const path = `/events/${event.id}`;
  await it.request('POST', '/events', event);
  const told = subscribe(updated(event.id));
  await told.until((text) => text.includes('"status":"SCHEDULED"'));
  await it.request('PUT', path, { ...event, key: 'new' });
  await told.until((text) => text.includes('"key":"new"'));
  await it.dba.query(
    `update scheduler_private.events set due_at = '2035-01-01' where id = '${event.id}'`,
  );
  await told.until((text) => text.includes('"nextAt":"2035-01-01T00:00:00Z"'));
  await relay.claimAll();
  await relay.confirm();
  await told.until((text) => text.includes('"status":"PUBLISHED"'));
  expect(told.answers).toHaveLength(4);
});

test('an instance is told of when it or its series changes, and not otherwise', async () => {
  const { id } = await create();
  const [first, second] = [`${id}_20350415T010000Z`, `${id}_20350416T010000Z`];
  const told = subscribe(updated(first));
  await told.until((text) => text.includes('"status":"SCHEDULED"'));
  await cancel(second);
  await cancel(first);
  await told.until((text) => text.includes('"status":"CANCELED"'));
  expect(told.answers).toHaveLength(2);
  const other = subscribe(updated(`${id}_20350417T010000Z`));
  await other.until((text) => text.includes('"status":"SCHEDULED"'));
  await cancel(id);
  await other.until((text) => text.includes('"status":"CANCELED"'));
});

test('a series is told of when one of its occurrences was published', async () => {
  const { id } = await create({ ...daily, endsAt: null });
  await relay.expandAll();
  const told = subscribe(updated(id));
  await told.until((text) => text.includes('"nextAt":"2035-04-15T01:00:00Z"'));
  await relay.claimAll();
  await relay.confirm();
  await waitFor('the series has moved on', 10_000, async () => told.answers.length > 1);
});

test('changes of a topic are told, each to whom it may be seen by', async () => {
  const topic = `t-${randomUUID()}`;
  const [anna, ben] = await Promise.all(
    ['anna', 'ben'].map(async (sub) => {
      await it.dba.query(`select scheduler.grant_topic('corp:${sub}', '', true)`);
      return issuer.headers({ sub });
    }),
  );
  const annas = newEvent({ destinationTopic: topic, payload: 'YQ==' });
  const bens = newEvent({ destinationTopic: topic, payload: 'Yg==' });
  const json = { 'content-type': 'application/json' };
  await secured.request('POST', '/events', annas, { ...json, ...anna });
  await secured.request('POST', '/events', bens, { ...json, ...ben });
  const toAnna = subscribe(ofTopic(topic), secured, anna);
  const toOperator = subscribe(ofTopic(topic));
  const toBen = subscribe(updated(bens.id), secured, ben);
  const toNobody = subscribe(updated(bens.id), secured, anna);
  await toBen.until((text) => text.includes('SCHEDULED'));
  await waitFor('both topics are watched', 10_000, async () => {
    await secured.request(
      'PUT',
      `/events/${bens.id}`,
      { ...bens, key: randomUUID() },
      { ...json, ...ben },
    );
    await secured.request(
      'PUT',
      `/events/${annas.id}`,
      { ...annas, key: randomUUID() },
      { ...json, ...anna },
    );
    return toAnna.answers.length > 0 && toOperator.answers.length > 0;
  });
  await it.request('PATCH', `/events/${bens.id}/cancel`);
  await it.request('PATCH', `/events/${annas.id}/cancel`);
  await toOperator.until((text) => text.includes(bens.id) && text.includes('CANCELED'));
  await toAnna.until((text) => text.includes('CANCELED'));
  await toBen.until((text) => text.includes('CANCELED'));
  expect(JSON.stringify(toAnna.answers)).not.toContain(bens.id);
  expect(JSON.stringify(toAnna.answers)).not.toContain('Yg==');
  expect(toNobody.answers).toMatchObject([{ errors: [{ extensions: { code: 'not_found' } }] }]);
});

test('a subscription ends with the token of its subscriber', async () => {
  const { id } = newEvent();
  const caller = await issuer.headers({ sub: 'carl', exp: now() + 2 });
  await it.dba.query(`select scheduler.grant_topic('corp:carl', '', true)`);
  await secured.request('POST', '/events', newEvent({ id }), {
    'content-type': 'application/json',
    ...caller,
  });
  const one = subscribe(updated(id), secured, caller);
  const many = subscribe(ofTopic('any'), secured, caller);
  await one.until((text) => text.includes('SCHEDULED'));
  await waitFor('both are over', 10_000, async () => one.isOver() && many.isOver());
  expect(one.answers).toHaveLength(1);
});

test.each<[string, string, Json | undefined, string]>([
  ['no token', updated(randomUUID()), undefined, 'not_identified'],
  ['a bad token', updated(randomUUID()), { authorization: 'Bearer x.y.z' }, 'invalid_token'],
])('a websocket with %s is told nothing', async (_name, query, params, code) => {
  const told = subscribe(query, secured, params);
  await told.until((text) => text.includes(code));
  expect(told.answers).toMatchObject([{ errors: [{ extensions: { code } }] }]);
});

test.each<[string, string, Json]>([
  ['no id', updated('x'), { code: 'invalid_id', field: 'id' }],
  ['an unknown id', updated(randomUUID()), { code: 'not_found', field: 'id' }],
  ['a long document', `subscription { ${' '.repeat(100_000)} }`, { code: 'body_too_large' }],
])('%s is refused', async (_name, query, extensions) => {
  const told = subscribe(query);
  await waitFor('it is over', 10_000, async () => told.isOver());
  expect(told.answers).toMatchObject([{ errors: [{ extensions }] }]);
});

test('queries and mutations work over a websocket, too', async () => {
  const told = subscribe('{ event(id: "018f0000-0000-7000-8000-000000000001") { id } }');
  await waitFor('it is over', 10_000, async () => told.isOver());
  expect(told.answers).toEqual([{ data: { event: null } }]);
});

test('a server that stops says so to its subscribers', async () => {
  const stopping = await testApi({ database: it.database });
  const { id } = newEvent();
  await it.request('POST', '/events', newEvent({ id }));
  const told = subscribe(updated(id), stopping);
  await told.until((text) => text.includes('SCHEDULED'));
  const code = new Promise((resolve) => {
    clients.at(-1)?.on('closed', (event) => resolve((event as { code: number }).code));
  });
  await stopping.close();
  expect(await code).toBe(1001);
});

test('many subscribers take one connection that listens', async () => {
  const { id } = newEvent();
  await it.request('POST', '/events', newEvent({ id }));
  const told = Array.from({ length: 30 }, () => subscribe(updated(id)));
  for (const one of told) await one.until((text) => text.includes('SCHEDULED'));
  const { rows } = await it.dba.query<{ count: number }>(
    `select count(*)::integer from pg_stat_activity
     where datname = current_database() and application_name = 'scheduler api listener'`,
  );
  // One for each of the two APIs of this test.
  expect(rows[0]?.count).toBe(2);
  await it.request('PATCH', `/events/${id}/cancel`);
  for (const one of told) await one.until((text) => text.includes('CANCELED'));
});

test('nothing is notified of changes while nobody watches', async () => {
  const { id } = newEvent();
  await it.request('POST', '/events', newEvent({ id }));
  const listener = new pg.Client({ connectionString: it.database.url });
  await listener.connect();
  const heard: (string | undefined)[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload));
  await listener.query('listen scheduler_changes');
  const change = (key: string) => it.request('PUT', `/events/${id}`, newEvent({ id, key }));
  await it.dba.query(`update scheduler_private.watches set watched_until = '-infinity'`);
  await change('a');
  await listener.query(`notify scheduler_changes, 'end'`);
  await waitFor('the end is heard', 10_000, async () => heard.includes('end'));
  expect(heard).toEqual(['end']);
  await it.dba.query(`update scheduler_private.watches set watched_until = 'infinity'`);
  await change('b');
  await waitFor('a lane is heard', 10_000, async () =>
    heard.some((lane) => /^\d+$/.test(lane ?? '')),
  );
  await listener.end();
});
