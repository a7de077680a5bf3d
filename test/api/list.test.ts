import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenIssuer } from '../harness/token-issuer.ts';
import { type Answer, type Json, newEvent, type TestApi, testApi } from './harness.ts';
import { daily, nextOf, seriesClient } from './series/series.ts';

let it: TestApi;
let ann: TestApi;
beforeAll(async () => {
  it = await testApi();
  ann = await testApi({ database: it.database, anonymousIdentity: 'ann' });
  await it.dba.query(`select scheduler.grant_topic('ann', '', true)`);
});
afterAll(async () => {
  await ann.close();
  await it.close();
});

const series = seriesClient(() => it);

/** A page of events. */
async function page(path: string, at = it): Promise<Answer & { events: Json[] }> {
  const answer = await at.request('GET', path);
  expect(answer).toMatchObject({ status: 200 });
  return { ...answer, events: answer.json as unknown as Json[] };
}

/** All pages, with something done after the first. */
async function walk(query: string, at = it, meanwhile?: () => Promise<unknown>): Promise<Json[]> {
  const found: Json[] = [];
  for (let path: string | undefined = `/events?${query}`; path; ) {
    const { events, ...answer } = await page(path, at);
    path = nextOf(answer);
    if (found.length === 0) {
      await meanwhile?.();
    }
    found.push(...events);
  }
  return found;
}

/** @returns ids in order */
async function create(events: readonly Json[], at = it): Promise<string[]> {
  const answer = await at.request('POST', '/events/batch', events);
  expect(answer).toMatchObject({ status: 201 });
  return idsOf(answer.json as unknown as Json[]).sort();
}

const idsOf = (events: readonly Json[]) => events.map(({ id }) => String(id));
const topic = () => `topic-${randomUUID()}`;
const some = (count: number, fields: Json) => Array.from({ length: count }, () => newEvent(fields));

test('events are listed as they are read, in order of their ids', async () => {
  const destinationTopic = topic();
  const ids = await create([
    newEvent({ destinationTopic, key: 'k', headers: { a: 'b' }, endsAt: '2030-01-01T00:30:00Z' }),
    newEvent({ ...daily, destinationTopic }),
  ]);
  const { events, headers } = await page(`/events?destinationTopic=${destinationTopic}`);
  expect(headers.get('link')).toBeNull();
  expect(events).toEqual(
    await Promise.all(ids.map(async (id) => (await it.request('GET', `/events/${id}`)).json)),
  );
});

test('a walk shows what was there at its start once, whatever happens meanwhile', async () => {
  const destinationTopic = topic();
  const ids = await create(some(10, { destinationTopic }));
  const found = await walk('limit=3', it, async () => {
    await create(some(20, { destinationTopic }));
    for (const id of ids) {
      const moved = newEvent({ id, scheduledAt: '2029-01-01T00:00:00Z', destinationTopic });
      await it.request('PUT', `/events/${id}`, moved);
    }
    await it.request('PATCH', `/events/${ids[9]}/cancel`);
  });
  const shown = idsOf(found);
  expect(new Set(shown).size).toBe(shown.length);
  expect(shown.filter((id) => ids.includes(id))).toEqual(ids);
});

test.each([1, 3, 4, 5, 1000])('pages of %d join without a seam', async (limit) => {
  const destinationTopic = topic();
  const ids = await create(some(4, { destinationTopic }));
  const query = `destinationTopic=${destinationTopic}&limit=${limit}`;
  expect(idsOf((await page(`/events?${query}`)).events)).toEqual(ids.slice(0, limit));
  expect(idsOf(await walk(query))).toEqual(ids);
});

test('100 come when nobody says how many', async () => {
  const destinationTopic = topic();
  await create(some(101, { destinationTopic }));
  const { events, headers } = await page(`/events?destinationTopic=${destinationTopic}`);
  expect(events).toHaveLength(100);
  expect(headers.get('link')).toContain(`destinationTopic=${destinationTopic}&cursor=`);
});

test('by the scheduled instant, from inclusive, to exclusive', async () => {
  const destinationTopic = topic();
  const at = ['2041-01-01T00:00:00Z', '2041-01-01T00:00:00.000001Z', '2041-01-01T10:00:00+09:00'];
  const events = at.map((scheduledAt) => newEvent({ destinationTopic, scheduledAt }));
  await create(events);
  const listed = async (query: string) => {
    const found = await walk(`destinationTopic=${destinationTopic}&${query}`);
    return events.map(({ id }) => idsOf(found).includes(id));
  };
  expect(await listed('from=2041-01-01T00:00:00.000001Z')).toEqual([false, true, true]);
  expect(await listed('from=2041-01-01T00:00:00')).toEqual([true, true, true]);
  expect(await listed('to=2041-01-01T10:00:00%2B09:00')).toEqual([true, true, false]);
  expect(await listed('from=2041-01-01T01:00:00Z&to=2041-01-01T01:00:01Z')).toEqual([
    false,
    false,
    true,
  ]);
});

describe('by status', () => {
  test.each(['SCHEDULED', 'CANCELED', 'FAILED', 'PUBLISHED'])('%s', async (status) => {
    const destinationTopic = topic();
    const ids = await create(some(4, { destinationTopic }));
    await it.request('PATCH', `/events/${ids[0]}/cancel`);
    await setStatus(ids[1] as string, 'FAILED');
    await setStatus(ids[2] as string, 'PUBLISHED');
    const expected = { CANCELED: ids[0], FAILED: ids[1], PUBLISHED: ids[2], SCHEDULED: ids[3] };
    for (const at of [it, ann]) {
      const found = await walk(`status=${status}&destinationTopic=${destinationTopic}`, at);
      const own = at === it ? [expected[status as keyof typeof expected]] : [];
      expect(idsOf(found)).toEqual(own);
    }
  });

  /** As the engine does it. */
  async function setStatus(id: string, status: 'FAILED' | 'PUBLISHED'): Promise<void> {
    const client = await it.dba.connect();
    try {
      await client.query('set role scheduler_engine');
      await client.query(
        `update scheduler_private.events set status = $2::text::scheduler.event_status, due_at = null, last_error = 'x',
           published_at = case when $2::text = 'PUBLISHED' then now() end where id = $1`,
        [id, status],
      );
    } finally {
      await client.query('reset role');
      client.release();
    }
  }
});

test('by series: its exceptions, with their places, but for what vanished with its occurrence', async () => {
  const { id } = await series.create();
  const other = await series.create();
  const ids = ['16', '18', '20'].map((day) => `${id}_203504${day}T010000Z`) as [string, string];
  await series.change(ids[0], { payload: '' });
  await series.cancel(ids[1]);
  await series.cancel(`${id}_20350420T010000Z`);
  await series.cancel(`${other.id}_20350416T010000Z`);
  const listed = async () =>
    (await walk(`recurrenceId=${id.toUpperCase()}&limit=2`)).map((event) => [
      ...[event.id, event.status, event.occurrence, event.missed],
    ]);
  const all = [
    [ids[0], 'SCHEDULED', 1, null],
    [ids[1], 'CANCELED', 3, null],
    [`${id}_20350420T010000Z`, 'CANCELED', 5, null],
  ];
  expect(await listed()).toEqual(all);
  await series.change(id, { recurrence: 'RRULE:FREQ=DAILY;COUNT=5' });
  expect(await listed()).toEqual(all.slice(0, 2));
  expect(await walk(`recurrenceId=${randomUUID()}`)).toEqual([]);
});

test("only one's own is listed; an operator sees everything, a reader no contents", async () => {
  const issuer = await TokenIssuer.start();
  const tokens = await testApi({ database: it.database, tokens: issuer.settings() });
  try {
    const destinationTopic = topic();
    const [mine] = await create([newEvent({ destinationTopic })]);
    const [hers] = await create([newEvent({ destinationTopic, key: 'k' })], ann);
    const query = `destinationTopic=${destinationTopic}`;
    expect(idsOf(await walk(query, ann))).toEqual([hers]);
    expect(idsOf(await walk(query))).toEqual([mine, hers].sort());
    expect(await walk(`recurrenceId=${(await series.create()).id}`, ann)).toEqual([]);
    const headers = await issuer.headers({ sub: 'r', scheduler_role: 'reader' });
    const { json } = await tokens.request('GET', `/events?${query}`, undefined, headers);
    expect(json).toMatchObject([
      { payload: null, key: null, headers: null },
      { payload: null, key: null, headers: null },
    ]);
  } finally {
    await tokens.close();
    await issuer.close();
  }
});

test('a page ends at 8 MB', async () => {
  const destinationTopic = topic();
  const payload = Buffer.alloc(850_000).toString('base64');
  const ids = await create(some(9, { destinationTopic, payload }));
  const query = `destinationTopic=${destinationTopic}`;
  expect((await page(`/events?${query}`)).events).toHaveLength(7);
  expect(idsOf(await walk(query))).toEqual(ids);
});

test('of many that do not match a page looks at a part, and says where to go on', async () => {
  const destinationTopic = topic();
  // As fast as it goes: 12,000 of others.
  await it.dba.query(
    `insert into scheduler_private.events
       (id, owner, lane, scheduled_instant, due_at, timezone, destination_topic, content_hash)
     select gen_random_uuid()::text, 'ann', 0, '2040-01-01', '2040-01-01', 'UTC', 'many', ''
     from generate_series(1, 12000)`,
  );
  await it.dba.query(
    `insert into scheduler_private.event_contents (event_id, owner, payload)
     select id, owner, '' from scheduler_private.events where destination_topic = 'many'`,
  );
  const [hers] = await create(
    [newEvent({ id: `ffffffff${randomUUID().slice(8)}`, destinationTopic })],
    ann,
  );
  for (const at of [it, ann]) {
    const first = await page(`/events?destinationTopic=${destinationTopic}&status=SCHEDULED`, at);
    expect(first.events).toEqual([]);
    expect(nextOf(first)).toContain(`status=SCHEDULED`);
    expect(idsOf(await walk(`destinationTopic=${destinationTopic}`, at))).toEqual([hers]);
  }
});

test.each([
  ['status', 'scheduled', 'invalid_event'],
  ['from', 'yesterday', 'invalid_date_time'],
  ['to', '2041-02-30T00:00:00Z', 'invalid_date_time'],
  ['to', '0001-01-01T00:00:00%2B10:00', 'invalid_date_time'],
  ['from', '9999-12-31T23:59:59-10:00', 'invalid_date_time'],
  ['destinationTopic', '', 'invalid_topic'],
  ['destinationTopic', 'a%00', 'invalid_topic'],
  ['destinationTopic', 'a'.repeat(250), 'invalid_topic'],
  ['limit', '0', 'bad_request'],
  ['limit', '1001', 'bad_request'],
  ['limit', '1.5', 'bad_request'],
  ['cursor', 'x', 'bad_request'],
  ['recurrenceId', 'x', 'invalid_id'],
  ['owner', 'ann', 'invalid_event'],
])('?%s=%s is 400', async (field, value, code) => {
  const answer = await it.request('GET', `/events?${field}=${value}`);
  expect(answer).toMatchObject({ status: 400, json: { code, field } });
});
