import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { roleUrl } from '../../db/roles.ts';
import { schemaVersion } from '../../db/schema-version.ts';
import { storeTimezones } from '../../db/timezones.ts';
import { query, type TestDatabase, withDatabase } from '../harness/database.ts';
import { newEvent, type TestApi, testApi } from './harness.ts';

/** A database as the set-up of the release before leaves it. */
async function databaseOfTheVersionBefore(): Promise<TestDatabase> {
  const server = withDatabase(inject('templateUrl'), 'postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name}`);
  const url = withDatabase(server, name);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const committed = new URL('../../db/migrations/committed/', import.meta.url);
  for (const file of (await readdir(committed)).sort().slice(0, schemaVersion - 1)) {
    await client.query(await readFile(new URL(file, committed), 'utf8'));
  }
  await storeTimezones(client);
  await client.end();
  return {
    url,
    apiUrl: roleUrl(url, 'scheduler_api'),
    relayUrl: roleUrl(url, 'scheduler_relay'),
    drop: async () => {
      await query(server, `drop database ${name} with (force)`);
    },
  };
}

let database: TestDatabase;
let it: TestApi;
beforeAll(async () => {
  database = await databaseOfTheVersionBefore();
  it = await testApi({ database });
});
afterAll(async () => {
  await it.close();
  await database.drop();
});

test('one-off events are served as ever', async () => {
  const event = newEvent();
  const path = `/events/${event.id}`;
  const created = await it.request('POST', '/events', event);
  expect(created).toMatchObject({
    status: 201,
    json: { ...event, recurrence: null, missed: null },
  });
  expect(await it.request('POST', '/events', event)).toMatchObject({ status: 200 });
  expect((await it.request('GET', path)).json).toEqual(created.json);
  const changed = await it.request('PUT', path, { ...created.json, payload: '' });
  expect(changed).toMatchObject({ status: 200, json: { payload: '', recurrenceId: null } });
  expect((await it.request('GET', `${path}/status`)).json.status).toBe('SCHEDULED');
  expect((await it.request('PATCH', `${path}/cancel`)).json.status).toBe('CANCELED');
  expect(await it.graphql(`{ event(id: "${event.id}") { status } }`)).toEqual({
    data: { event: { status: 'CANCELED' } },
  });
});

test('there are no series yet', async () => {
  const event = newEvent({ recurrence: 'FREQ=DAILY' });
  const { status, json } = await it.request('POST', '/events', event);
  expect([status, json.field]).toEqual([400, 'recurrence']);
  const instance = await it.request('GET', `/events/${event.id}_20300101T000000Z`);
  expect([instance.status, instance.json.code]).toEqual([404, 'not_found']);
});

test('recurrences are previewed all the same', async () => {
  const recurrence = { scheduledAt: '2035-01-01T00:00:00', recurrence: 'FREQ=DAILY;COUNT=1' };
  const { json } = await it.request('POST', '/recurrence/preview', recurrence);
  expect(json).toMatchObject({ occurrences: ['2035-01-01T00:00:00Z'], complete: true });
});
