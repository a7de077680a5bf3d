import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, readErrorCodes } from '../../../api/database.ts';
import { ErrorCatalogue } from '../../../api/errors.ts';
import { type InstanceId, readEventId } from '../../../api/events/event-id.ts';
import { cancelInstance } from '../../../api/series/change-instance.ts';
import { findInstance } from '../../../api/series/find-instance.ts';
import { readPage } from '../../../api/series/instance-page.ts';
import { beginning } from '../../../api/series/position.ts';
import { RuleCache } from '../../../api/series/rule-cache.ts';
import { readStoredSeries, type StoredSeries } from '../../../api/series/stored-series.ts';
import { Timezones } from '../../../api/series/timezones.ts';
import { type Json, newEvent, type TestApi, testApi } from '../harness.ts';
import { daily, seriesClient } from './series.ts';

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
  await local.dba.query(
    `select scheduler.grant_topic(who, '', true) from unnest('{alice,bob}'::text[]) who`,
  );
});
afterAll(async () => {
  await Promise.all([alice.close(), bob.close()]);
  await local.close();
});

const ofAlice = seriesClient(() => alice);
const ofBob = seriesClient(() => bob);

test("another's series and its instances answer as if they did not exist", async () => {
  const series = await ofAlice.create();
  const exception = `${series.id}_20350416T010000Z`;
  await ofAlice.change(exception, { payload: '' });
  for (const id of [series.id, exception, `${series.id}_20350417T010000Z`]) {
    const body: Json = id === series.id ? series : { ...series, id, recurrence: null };
    const answers = [
      await ofBob.get(id),
      await ofBob.get(`${id}/status`),
      await ofBob.page(id),
      await ofBob.put(id, body),
      await ofBob.cancel(id),
    ];
    expect(answers.map(({ status, json: { code } }) => [status, code])).toEqual(
      Array(5).fill([404, 'not_found']),
    );
  }
  const taken = await bob.request('POST', '/events', newEvent({ ...daily, id: series.id }));
  expect([taken.status, taken.json.code]).toEqual([409, 'id_taken']);
  expect((await ofAlice.list(series.id)).map(({ status }) => status)).toEqual(
    Array(10).fill('SCHEDULED'),
  );
});

test('the operator sees and changes them, under the grants of their owner', async () => {
  const ofOperator = seriesClient(() => local);
  const { id } = await ofAlice.create();
  const instance = `${id}_20350416T010000Z`;
  const changed = await ofOperator.change(instance, { destinationTopic: 'moved' });
  expect([changed.status, changed.json.owner]).toEqual([200, 'alice']);
  expect((await ofAlice.get(instance)).json.destinationTopic).toBe('moved');
  await local.dba.query(`select scheduler.revoke_topic('alice', '', true)`);
  try {
    const refused = await ofOperator.change(`${id}_20350417T010000Z`, { destinationTopic: 'x' });
    expect([refused.status, refused.json.code]).toEqual([403, 'topic_not_granted']);
  } finally {
    await local.dba.query(`select scheduler.grant_topic('alice', '', true)`);
  }
  expect((await ofOperator.cancel(id)).status).toBe(200);
});

test('a reader sees them without payload, key and headers, and changes none', async () => {
  const { id } = await ofAlice.create({ key: 'k', headers: { a: 'b' } });
  await ofAlice.change(`${id}_20350416T010000Z`, { destinationTopic: 'moved' });
  const pool = createPool(local.database.apiUrl, 2, pino({ level: 'silent' }));
  try {
    const errors = new ErrorCatalogue(await readErrorCodes(pool));
    const timezones = await Timezones.load(pool);
    const context = { pool, errors, timezones, rules: new RuleCache() };
    const reader = { identity: 'rita', role: 'reader', expiresAt: null } as const;
    const series = (await readStoredSeries(context, reader, id)) as StoredSeries;
    const whole = { after: beginning, to: Number.POSITIVE_INFINITY, limit: null };
    const { events } = await readPage(context, reader, series, whole);
    const plain = readEventId(`${id}_20350417T010000Z`) as InstanceId;
    const { event } = await findInstance(context, reader, plain);
    expect(event).toEqual(events[2]);
    expect(events.map(({ destinationTopic }) => destinationTopic)).toEqual([
      ...['a-destination-topic', 'moved'],
      ...Array(8).fill('a-destination-topic'),
    ]);
    for (const { payload, key, headers } of events) {
      expect([payload, key, headers]).toEqual([null, null, null]);
    }
    const forbidden = { problem: { status: 403, code: 'forbidden' } };
    await expect(cancelInstance(context, reader, plain)).rejects.toMatchObject(forbidden);
    await ofAlice.cancel(plain.id);
    await expect(cancelInstance(context, reader, plain)).rejects.toMatchObject(forbidden);
  } finally {
    await pool.end();
  }
});
