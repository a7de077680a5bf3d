import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { type Json, send } from '../api/harness.ts';
import { creation } from '../db/session.ts';
import { makeScene, type Scene, type Who } from './scene.ts';
import type { State } from './states.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await makeScene();
  await scene.dba.rows('analyze');
});
afterAll(() => scene.close());

/** What every event of the scene has, in every form in which it could be shown. */
const payload = Buffer.from('secret payload');
const secrets = [
  ...['secret payload', 'secret key', 'secret header'],
  ...[payload.toString('base64'), payload.toString('hex')],
];

function expectNothingOf(shown: string): void {
  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
}

/** An event by every relation that leads to one. */
const everything = `
  query ($id: String!) {
    event(id: $id) { ...all attempts { message } instances(first: 3) { nodes { ...all } } exceptions { nodes { ...all } } }
    events(first: 1000) { nodes { ...all } }
    topicGrants { nodes { identity } }
  }
  fragment all on Event { id payload key headers lastError }`;

test('its owner does see it: what follows looks for what is there', async () => {
  const { id } = scene.ofTokens.shared('series');
  const { rest, graphql } = scene.api.api;
  const { own } = scene.headers;
  const event = await send(`${rest}/events/${id}`, 'GET', undefined, own);
  expect(JSON.stringify(event.json)).toContain('secret key');
  const { json } = await send(graphql, 'POST', { query: everything, variables: { id } }, own);
  expect(json.errors).toBeUndefined();
  // Itself and three of its instances.
  expect(JSON.stringify((json.data as Json).event).split('secret key')).toHaveLength(5);
});

describe.each(['other', 'reader', 'forged'] as const)(
  'over HTTP %s is shown nothing of it',
  (who) => {
    const ask = async (method: string, path: string, body?: unknown) => {
      const { rest } = scene.api.api;
      const answer = await send(`${rest}${path}`, method, body, scene.headers[who]);
      return JSON.stringify([answer.json, [...answer.headers]]);
    };

    test.each<State>(['SCHEDULED', 'in flight', 'FAILED', 'series', 'instance'])(
      'when it is %s',
      async (state) => {
        const { id, event } = scene.ofTokens.shared(state);
        const another = { ...event, payload: 'AA==', key: 'k', headers: {} };
        const graphql = (query: string, variables: unknown) =>
          ask('POST', '/graphql', { query, variables });
        const answers = [
          await ask('GET', `/events/${id}`),
          await ask('GET', `/events/${id}/status`),
          await ask('GET', `/events/${id}/instances?limit=3`),
          await ask('GET', '/events?limit=1000'),
          await ask('PUT', `/events/${id}`, { ...another, id: undefined }),
          await ask('PATCH', `/events/${id}/cancel`),
          await ask('POST', '/events', another),
          await ask('POST', '/events/batch', [another]),
          await graphql(everything, { id }),
          await graphql(
            'mutation ($input: ScheduleEventInput!) { scheduleEvent(input: $input) { event { id payload key headers } } }',
            { input: another },
          ),
          await graphql(
            'mutation ($id: String!) { cancelEvent(input: { id: $id }) { event { payload key headers } } }',
            { id },
          ),
        ];
        for (const answer of answers) {
          expectNothingOf(answer);
        }
      },
    );
  },
);

test('a subscriber is told what a reader may see, and of what is not there nothing', async () => {
  const { id, event } = scene.ofTokens.fresh('SCHEDULED');
  const { rest, graphql } = scene.api.api;
  const heard: Record<string, string[]> = { own: [], reader: [], other: [], forged: [] };
  const clients = Object.entries(heard).map(([who, answers]) => {
    const { authorization } = scene.headers[who as Who];
    const client = createClient({
      url: graphql.replace('http', 'ws'),
      retryAttempts: 0,
      connectionParams: { authorization },
    });
    const hear = (answer: unknown) => answers.push(JSON.stringify(answer));
    for (const query of [
      `subscription { eventUpdated(id: "${id}") { status payload key headers } }`,
      'subscription { eventsUpdated(topic: "free") { complete events { id payload key headers } } }',
    ]) {
      client.subscribe({ query }, { next: hear, error: hear, complete: () => hear('over') });
    }
    return client;
  });
  const until = (who: string, text: string) =>
    waitFor(`${who} hears ${text}`, 10_000, async () =>
      heard[who]?.some((answer) => answer.includes(text)),
    );
  try {
    // Both subscriptions of each have begun, or were refused.
    await until('own', 'secret key');
    await until('reader', 'SCHEDULED');
    await until('forged', 'invalid_token');
    await until('other', 'not_found');
    await waitFor('the topic is watched', 10_000, async () => {
      const { json } = await send(`${rest}/events/${id}`, 'PUT', event, scene.headers.own);
      expect(json.status).toBe('SCHEDULED');
      return heard.reader?.some((answer) => answer.includes('"events":[{'));
    });
    await send(`${rest}/events/${id}/cancel`, 'PATCH', undefined, scene.headers.own);
    await until('own', 'CANCELED');
    await until('reader', 'CANCELED');
  } finally {
    await Promise.all(clients.map((client) => client.dispose()));
  }
  expectNothingOf([...(heard.reader ?? []), ...(heard.other ?? [])].join());
  expect(heard.other?.filter((answer) => !/not_found|over/.test(answer))).toEqual([]);
});

describe.each(['other', 'reader'] as const)('in SQL %s is shown nothing of it', (who) => {
  /** All that a session is told: rows, notices, errors. */
  async function told(...statements: string[]): Promise<string> {
    const { client } = scene.logins[who].session;
    const heard: unknown[] = [];
    const hear = (notice: unknown) => heard.push(notice);
    client.on('notice', hear);
    for (const statement of statements) {
      await client.query(statement).then(
        ({ rows }) => heard.push(rows),
        (error: Error) => heard.push({ ...error, message: error.message }),
      );
    }
    client.off('notice', hear);
    // Bytes as text and in hexadecimal.
    return JSON.stringify(heard, (_key, value) =>
      value?.type === 'Buffer'
        ? [Buffer.from(value.data).toString('hex'), Buffer.from(value.data).toString()]
        : value,
    );
  }

  test.each([
    ...['events', 'due_soon', 'late', 'failed', 'lanes', 'settings', 'throughput'],
    ...['topic_grants', 'relays', 'attempts'],
  ])('by the view %s', async (view) => {
    expectNothingOf(await told(`select * from scheduler.${view}`));
  });

  test('by a function that PostgreSQL might call before the rows are chosen', async () => {
    expectNothingOf(
      await told(
        `create function pg_temp.leak(anyelement) returns boolean language plpgsql cost 0.0000001
           as $$ begin raise notice 'leaked %', $1; return true; end $$`,
        'select count(*) from scheduler.events where pg_temp.leak(key)',
        `select count(*) from scheduler.events where pg_temp.leak(convert_from(payload, 'UTF8'))`,
        'select count(*) from scheduler.events where pg_temp.leak(headers)',
        'select count(*) from scheduler_private.event_contents where pg_temp.leak(key)',
      ),
    );
  });

  test('by errors, plans and statistics', async () => {
    expectNothingOf(
      await told(
        'select key::integer from scheduler.events',
        `select 1 / (case when key = 'secret key' then 0 else 1 end) from scheduler.events`,
        'explain (analyze, verbose) select * from scheduler.events order by key',
        `select * from pg_stats where tablename = 'event_contents'`,
        'select * from pg_statistic',
        'select query from pg_stat_activity',
        'copy scheduler_private.event_contents to stdout',
        'copy (select * from scheduler.events) to stdout',
      ),
    );
  });

  test('by saying that it is somebody else', async () => {
    const { identity, name } = scene.logins.own;
    expectNothingOf(
      await told(
        `set scheduler.identity = '${identity}'`,
        `set scheduler.identity_role = 'operator'`,
        'select * from scheduler.events',
        `set role ${name}`,
        'select * from scheduler.events',
        `set session authorization ${name}`,
        'select * from scheduler.events',
        'set row_security = off',
        'select * from scheduler.events',
        'select * from scheduler_private.event_contents',
        'reset all',
      ),
    );
  });

  test('by functions that find other tables than they should', async () => {
    const { id } = scene.ofLogins.shared('SCHEDULED');
    expectNothingOf(
      await told(
        `create temporary table topic_grants as select '${scene.logins[who].identity}' as identity, '' as topic, true as prefix`,
        'create temporary table events (id text, owner text, content_hash bytea, status text)',
        'create temporary table event_contents (event_id text, owner text, payload bytea, key text, headers jsonb)',
        `create function pg_temp.identity() returns text language sql as $$ select '${scene.logins.own.identity}' $$`,
        `create function pg_temp.identity_role() returns text language sql as $$ select 'operator' $$`,
        'set search_path = pg_temp, scheduler_private, scheduler, public',
        `select * from scheduler.event('${id}')`,
        `select * from scheduler.cancel_event('${id}')`,
        `select * from events`,
        `select * from scheduler.schedule_event(id => '${id}', scheduled_at => '2099-01-01T00:00:00Z', payload => 'x', destination_topic => 'free')`,
        'reset search_path',
        'drop table pg_temp.topic_grants, pg_temp.events, pg_temp.event_contents',
      ),
    );
  });
});

test('notifications tell a lane, and nothing of the event', async () => {
  const { own, none } = scene.logins;
  const heard: (string | undefined)[] = [];
  none.session.client.on('notification', ({ payload: told }) => heard.push(told));
  await none.session.rows('listen scheduler_lanes');
  await own.session.rows(
    ...creation({ scheduled_at: '2001-01-01T00:00:00Z', payload, destination_topic: 'free' }),
  );
  // A notification comes before the answer to what is asked after it.
  await none.session.rows('select 1');
  expect(heard).toEqual(['0']);
});

test('the log of the API tells nothing of it', () => {
  expect(scene.api.log.length).toBeGreaterThan(50);
  expectNothingOf(scene.api.log.join('\n'));
});
