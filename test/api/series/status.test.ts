import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from '../harness.ts';
import { type TestRelay, testRelay } from '../relay.ts';
import { field, type Series, seriesClient } from './series.ts';

let it: TestApi;
let relay: TestRelay;
beforeAll(async () => {
  it = await testApi();
  relay = await testRelay(it.database.relayUrl);
});
afterAll(async () => {
  await relay.close();
  await it.close();
});

const { create, get, cancel, list, change } = seriesClient(() => it);

const three: Json = {
  ...{ scheduledAt: '2035-04-15T10:00:00', endsAt: null, timezone: 'UTC' },
  recurrence: 'FREQ=DAILY;COUNT=3',
};
const instance = (id: string, day: number) => `${id}_203504${day}T100000Z`;

describe('of three instances, two of which are being published', () => {
  let series: Series;
  beforeEach(async () => {
    series = await create(three);
    await relay.expandAll();
    await relay.claimAll();
    return () => relay.discard();
  });

  test('none can be changed or canceled; when they were not published, they can', async () => {
    const { id } = series;
    const answers = [
      await change(instance(id, 15), { payload: '' }),
      await cancel(instance(id, 16)),
      await change(id, { payload: '' }),
      await cancel(id),
    ];
    expect(answers.map(({ status, json: { code } }) => [status, code])).toEqual(
      Array(4).fill([409, 'in_flight']),
    );
    await relay.discard();
    expect((await change(instance(id, 15), { payload: '' })).status).toBe(200);
    expect((await cancel(id)).status).toBe(200);
  });

  test('those that were published are final, and so is the series at its end', async () => {
    const { id } = series;
    expect((await get(id)).json.nextAt).toBe('2035-04-15T10:00:00Z');
    await relay.confirm();
    const instances = await list(id);
    expect(instances.map(field('status'))).toEqual(['PUBLISHED', 'PUBLISHED', 'SCHEDULED']);
    expect(instances.map(field('nextAt'))).toEqual([null, null, '2035-04-17T10:00:00Z']);
    expect((await get(`${instance(id, 16)}/status`)).json.status).toBe('PUBLISHED');
    for (const answer of [
      await change(instance(id, 16), { payload: '' }),
      await cancel(instance(id, 16)),
    ]) {
      expect(answer.status).toBe(409);
      expect(answer.json).toMatchObject({ code: 'final', field: 'status', detail: 'PUBLISHED' });
    }
    await relay.expandAll();
    await relay.claimAll();
    await relay.confirm();
    expect((await get(id)).json).toMatchObject({ status: 'PUBLISHED', nextAt: null });
    expect((await list(id)).map(field('status'))).toEqual(Array(3).fill('PUBLISHED'));
  });
});

test('what was published stays so, and is listed, when the rule changes', async () => {
  const { id } = await create({
    ...{ ...three, scheduledAt: '2025-04-15T10:00:00' },
    recurrence: 'RRULE:FREQ=DAILY;COUNT=3\nRDATE:20350501T100000Z',
  });
  await relay.expandAll();
  await relay.claimAll();
  await relay.confirm();
  await change(id, { scheduledAt: '2025-01-01T11:00:00', recurrence: 'FREQ=YEARLY;COUNT=20' });
  const [first, second, third, fourth, fifth] = await list(id);
  expect([first, second, third]).toMatchObject(
    [15, 16, 17].map((day, occurrence) => ({
      ...{ scheduledInstant: `2025-04-${day}T10:00:00Z`, status: 'PUBLISHED', occurrence },
    })),
  );
  expect([fourth, fifth]).toMatchObject([
    { scheduledInstant: '2027-01-01T11:00:00Z', status: 'SCHEDULED', occurrence: 2 },
    { scheduledInstant: '2028-01-01T11:00:00Z', status: 'SCHEDULED', occurrence: 3 },
  ]);
  expect((await get(`${id}_20260101T110000Z`)).status).toBe(404);
});

test('what was missed reads CANCELED and says so', async () => {
  const { id } = await create({
    ...{ ...three, scheduledAt: '2025-04-15T10:00:00', missed: 'skip' },
    recurrence: 'RRULE:FREQ=DAILY;COUNT=2\nRDATE:20350501T100000Z',
  });
  await relay.expandAll();
  const missed = { status: 'CANCELED', lastError: 'missed', nextAt: null };
  expect(await list(id)).toMatchObject([
    missed,
    missed,
    { status: 'SCHEDULED', lastError: null, nextAt: '2035-05-01T10:00:00Z' },
  ]);
  expect((await get(`${id}_20250416T100000Z`)).json).toMatchObject(missed);
  const canceled = await cancel(`${id}_20250416T100000Z`);
  expect([canceled.status, canceled.json]).toEqual([200, (await list(id))[1]]);
});

test('what its owner may not publish any more reads FAILED and says so', async () => {
  const dora = await testApi({ database: it.database, anonymousIdentity: 'dora' });
  try {
    await it.dba.query(`select scheduler.grant_topic('dora', 'doras')`);
    const event = newEvent({ ...three, destinationTopic: 'doras' });
    expect((await dora.request('POST', '/events', event)).status).toBe(201);
    await relay.expandAll();
    await it.dba.query(`select scheduler.revoke_topic('dora', 'doras')`);
    await relay.claimAll();
    await relay.confirm();
    const failed = { status: 'FAILED', lastError: 'topic_not_granted', nextAt: null };
    expect((await dora.request('GET', `/events/${instance(event.id, 15)}`)).json).toMatchObject(
      failed,
    );
  } finally {
    await dora.close();
  }
});

test('a change of an instance waits for one of the rule, and is tried again', async () => {
  const { id } = await create(three);
  const other = await it.dba.connect();
  try {
    await other.query('begin');
    await other.query('select from scheduler_private.events where id = $1 for update', [id]);
    const changed = change(instance(id, 16), { payload: '' });
    await vi.waitFor(async () => {
      const { rows } = await it.dba.query(
        `select from pg_stat_activity
         where datname = current_database() and application_name = 'scheduler api' and wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    });
    await other.query(
      'update scheduler_private.series set revision = revision + 1 where event_id = $1',
      [id],
    );
    await other.query('commit');
    const { status, json } = await changed;
    expect([status, json.payload]).toEqual([200, '']);
  } finally {
    other.release(true);
  }
});

test('changes of many instances at once all come to be', async () => {
  const { id } = await create({ ...three, recurrence: 'FREQ=HOURLY;COUNT=20' });
  const ids = (await list(id)).map(field('id')).map(String);
  const answers = await Promise.all([
    ...ids.slice(0, 10).map((one) => change(one, { payload: '' })),
    ...ids.slice(10).map((one) => cancel(one)),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect((await list(id)).map(field('status'))).toEqual([
    ...Array(10).fill('SCHEDULED'),
    ...Array(10).fill('CANCELED'),
  ]);
});
