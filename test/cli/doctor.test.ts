import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type TestApi, testApi } from '../api/harness.ts';
import { query } from '../harness/database.ts';
import { testTopic } from '../harness/kafka.ts';
import { type RelayProcess, startRelay, untilReady } from '../harness/relay.ts';
import { scheduler } from './scheduler.ts';

let api: TestApi;
let relay: RelayProcess | undefined;
const deployment = `doctor-${randomUUID()}`;
const kafkaBrokers = inject('kafkaBrokers');

beforeAll(async () => {
  api = await testApi();
});
afterAll(async () => {
  await relay?.stop();
  await api.close();
});

async function doctor(env: Record<string, string> = {}) {
  const { code, json, stderr } = await scheduler(['doctor'], {
    env: {
      DATABASE_URL: api.database.url,
      KAFKA_BROKERS: kafkaBrokers.join(','),
      DEPLOYMENT: deployment,
      SCHEDULER_URL: api.api.rest,
      ...env,
    },
  });
  const states = ['warning', 'problem'].map((state) =>
    json.filter((row) => row.state === state).map(({ check, detail }) => `${check}: ${detail}`),
  );
  return { code, stderr, json, warnings: states[0], problems: states[1] };
}

test('says what is wrong and what to do, of every part', async () => {
  const topic = `missing-${randomUUID()}`;
  await query(api.database.url, `select scheduler.grant_topic('sql:team', $1, false)`, [topic]);
  await query(
    api.database.url,
    `select scheduler.schedule_event(scheduled_at => '2020-01-01T00:00:00Z', payload => 'x',
       destination_topic => 'waited-for', key => 'k')`,
  );
  await query(
    api.database.url,
    `update scheduler_private.lanes set quarantined_at = now(), quarantine_reason = 'the ledger is gone'
     where lane = 1`,
  );
  const { code, stderr, json, warnings, problems } = await doctor();
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(problems).toEqual([
    'lanes: no relay owns lanes 0, 1, 2, 3',
    'quarantine: lane 1: the ledger is gone',
    expect.stringMatching(/^lateness: lane \d is late, by up to \d+ s$/),
    `topics: ${topic}: unknown_topic`,
    'topics: waited-for: unknown_topic',
  ]);
  expect(warnings).toEqual([
    expect.stringContaining('pg_cron: not in this database'),
    expect.stringMatching(/^kafka: cluster .*: no relay has run yet$/),
  ]);
  const wrong = json.filter(({ state }) => state !== 'ok');
  expect(wrong.every(({ remedy }) => typeof remedy === 'string' && remedy !== '')).toBe(true);
});

test('is content when everything works, topics that are granted and waited for included', async () => {
  const topic = await testTopic(kafkaBrokers);
  await query(
    api.database.url,
    `update scheduler_private.lanes set quarantined_at = null, quarantine_reason = null`,
  );
  await query(api.database.url, `delete from scheduler_private.topic_grants where not prefix`);
  await query(api.database.url, `select scheduler.cancel_event(id) from scheduler.events`);
  await query(api.database.url, `select scheduler.grant_topic('sql:team', $1, false)`, [topic]);
  relay = startRelay({ relayUrl: api.database.relayUrl, kafkaBrokers, deployment });
  await untilReady(relay);
  await expect
    .poll(() => query(api.database.url, 'select from scheduler.lanes where relay is null'))
    .toEqual([]);
  const { code, json, problems } = await doctor();
  expect(problems).toEqual([]);
  expect(code).toBe(0);
  expect(json).toContainEqual({
    state: 'ok',
    check: 'topics',
    detail: '1 of 1 exist and may be written to',
  });
  const stranger = await doctor({ DEPLOYMENT: 'another' });
  expect(stranger.code).toBe(1);
  expect(stranger.problems).toContainEqual(
    expect.stringContaining(`but the database belongs to cluster`),
  );
});

test('tells what the login of the relay may not see, and goes on', async () => {
  const { warnings, json } = await doctor({
    DATABASE_URL: '',
    RELAY_DATABASE_URL: api.database.relayUrl,
  });
  expect(warnings).toContainEqual(expect.stringContaining('permission denied'));
  expect(json).toContainEqual(expect.objectContaining({ check: 'kafka', state: 'ok' }));
});

test('goes on when the schema lacks something', async () => {
  await query(api.database.url, 'drop view scheduler.relays');
  const { code, json, problems } = await doctor();
  expect(code).toBe(1);
  expect(problems).toEqual(['lanes: relation "scheduler.relays" does not exist']);
  expect(json).toContainEqual(expect.objectContaining({ check: 'kafka', state: 'ok' }));
});

test('asks pg_cron for its jobs and its last run', async () => {
  await query(inject('cronUrl'), 'select scheduler_private.tick()');
  const { json } = await doctor({ DATABASE_URL: inject('cronUrl') });
  expect(json).toContainEqual(expect.objectContaining({ check: 'pg_cron', state: 'ok' }));
  expect(json).toContainEqual(expect.objectContaining({ check: 'tick', state: 'ok' }));
});

test('names services that are not there', async () => {
  const nobody = '127.0.0.1:1';
  const { code, problems, warnings } = await doctor({
    DATABASE_URL: `postgres://x:y@${nobody}/scheduler`,
    KAFKA_BROKERS: nobody,
    SCHEDULER_URL: `http://${nobody}`,
  });
  expect(code).toBe(1);
  expect(problems).toEqual([
    expect.stringContaining(`database: ${nobody}/scheduler: `),
    expect.stringContaining(`kafka: ${nobody}: `),
  ]);
  expect(warnings).toEqual([expect.stringContaining('api: ')]);
});
