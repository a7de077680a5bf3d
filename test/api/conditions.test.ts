import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Answer, type Json, newEvent, type TestApi, testApi } from './harness.ts';
import { type TestRelay, testRelay } from './relay.ts';
import { seriesClient } from './series/series.ts';

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

const { create: createSeries, change, cancel } = seriesClient(() => it);

const tagOf = ({ headers }: Answer) => headers.get('etag') ?? 'none';
const json = { 'content-type': 'application/json' };
const get = (id: string, known?: string) =>
  it.request('GET', `/events/${id}`, undefined, known ? { 'if-none-match': known } : {});
const put = (id: string, body: Json, tag: string) =>
  it.request('PUT', `/events/${id}`, JSON.stringify(body), { ...json, 'if-match': tag });
const cancelIf = (id: string, tag: string) =>
  it.request('PATCH', `/events/${id}/cancel`, undefined, { 'if-match': tag });

async function create(fields: Json = {}): Promise<Answer & { id: string }> {
  const event = newEvent(fields);
  return { ...(await it.request('POST', '/events', event)), id: event.id };
}

test('whoever answers with an event gives the tag that GET gives', async () => {
  const created = await create({ headers: { b: '1', a: '2' }, endsAt: '2030-01-01T01:00:00Z' });
  const { id } = created;
  const first = tagOf(await get(id));
  expect(first).toMatch(/^"[\w-]{27}"$/);
  expect(tagOf(created)).toBe(first);
  expect(tagOf(await it.request('POST', '/events', newEvent({ ...created.json })))).toBe(first);
  const changed = await it.request('PUT', `/events/${id}`, { ...created.json, key: 'k' });
  expect(tagOf(await get(id))).toBe(tagOf(changed));
  const canceled = await it.request('PATCH', `/events/${id}/cancel`);
  expect(tagOf(await get(id))).toBe(tagOf(canceled));
  expect(new Set([first, tagOf(changed), tagOf(canceled)]).size).toBe(3);
});

test('a warning is no part of the event', async () => {
  const fields = { scheduledAt: '2035-01-01T00:00:00', recurrence: 'RRULE:FREQ=WEEKLY;BYDAY=SU' };
  const created = await create(fields);
  expect(created.json).toHaveProperty('warnings');
  expect(tagOf(await get(created.id))).toBe(tagOf(created));
});

test('publication, and what happens to a series, change the tag', async () => {
  const { id } = await create({ scheduledAt: '2020-01-01T00:00:00Z' });
  const series = await createSeries();
  const instance = `${series.id}_20350416T010000Z`;
  const seen = new Map<string, Set<string>>([id, series.id, instance].map((of) => [of, new Set()]));
  const look = async () => {
    for (const [of, tags] of seen) tags.add(tagOf(await get(of)));
    return [...seen.values()].map(({ size }) => size);
  };
  expect(await look()).toEqual([1, 1, 1]);
  await relay.expandAll();
  expect(await look()).toEqual([1, 2, 1]);
  await cancel(`${series.id}_20350415T010000Z`);
  await relay.expandAll();
  expect(await look()).toEqual([1, 3, 1]);
  await change(series.id, { payload: '' });
  expect(await look()).toEqual([1, 4, 2]);
  await relay.claimAll();
  await relay.confirm();
  expect(await look()).toEqual([2, 5, 3]);
});

describe('If-None-Match', () => {
  test('304 without a body for who has it, by the weak comparison', async () => {
    const created = await create();
    const tag = tagOf(created);
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await get(created.id, known);
      expect([answer.status, answer.json, tagOf(answer)]).toEqual([304, {}, tag]);
    }
    for (const known of ['"x"', 'W/"x"', 'x', tag.slice(1)]) {
      expect(await get(created.id, known)).toMatchObject({ status: 200, json: { id: created.id } });
    }
  });

  test('what does not exist is 404 all the same', async () => {
    expect(await get(newEvent().id, '*')).toMatchObject({ status: 404 });
  });
});

describe('If-Match', () => {
  /** an event or instance, as it was when its tag was taken */
  const kinds: [string, () => Promise<string>][] = [
    ['an event', async () => (await create()).id],
    ['a series', async () => (await createSeries()).id],
    ['an instance', async () => `${(await createSeries()).id}_20350420T010000Z`],
    [
      'an exception',
      async () => {
        const id = `${(await createSeries()).id}_20350420T010000Z`;
        await change(id, { key: 'exception' });
        return id;
      },
    ],
  ];

  test.each(kinds)('%s that is as it was is changed and canceled', async (_name, make) => {
    const id = await make();
    const read = await get(id);
    const changed = await put(id, { ...read.json, key: 'other' }, `"x", ${tagOf(read)}`);
    expect(changed).toMatchObject({ status: 200, json: { key: 'other' } });
    expect(await cancelIf(id, tagOf(changed))).toMatchObject({ json: { status: 'CANCELED' } });
  });

  test.each(kinds)('%s that has changed meanwhile stays as it is: 412', async (_name, make) => {
    const id = await make();
    const read = await get(id);
    const { headers } = await change(id, { key: 'meanwhile' });
    const refused = {
      status: 412,
      json: { code: 'precondition_failed', field: 'If-Match' },
    };
    expect(await put(id, { ...read.json, key: 'other' }, tagOf(read))).toMatchObject(refused);
    expect(await cancelIf(id, tagOf(read))).toMatchObject(refused);
    expect(await cancelIf(id, `W/${headers.get('etag')}`)).toMatchObject(refused);
    expect(await get(id)).toMatchObject({ json: { key: 'meanwhile', status: 'SCHEDULED' } });
  });

  test('* asks for nothing but that it exists', async () => {
    expect(await cancelIf((await create()).id, '*')).toMatchObject({ status: 200 });
    expect(await cancelIf(newEvent().id, '*')).toMatchObject({ status: 404 });
    expect(await cancelIf(newEvent().id, '"x"')).toMatchObject({ status: 404 });
  });

  test.each(['x', '"x', 'W/x', '"a" "b" c'])('%s is no tag: 400', async (tag) => {
    const answer = await cancelIf((await create()).id, tag);
    expect(answer).toMatchObject({ status: 400, json: { code: 'bad_request', field: 'If-Match' } });
  });

  test('of several at once only the first changes anything', async () => {
    const created = await create();
    const bodies = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ ...created.json, key }));
    const answers = await Promise.all(bodies.map((body) => put(created.id, body, tagOf(created))));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 412, 412, 412, 412, 412]);
    const winner = answers.find(({ status }) => status === 200);
    expect((await get(created.id)).json).toEqual(winner?.json);
  });

  test('a change that is not committed yet is waited for', async () => {
    const created = await create();
    const other = await it.dba.connect();
    try {
      await other.query('begin');
      await other.query(
        `update scheduler_private.events set timezone = 'Asia/Tokyo' where id = $1`,
        [created.id],
      );
      const changing = put(created.id, created.json, tagOf(created));
      await vi.waitFor(async () => {
        const { rowCount } = await it.dba.query(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
        expect(rowCount).toBe(1);
      }, 20_000);
      await other.query('commit');
      expect(await changing).toMatchObject({ status: 412 });
    } finally {
      await other.query('rollback');
      other.release();
    }
  });

  test('what is being published is in flight, as without a condition', async () => {
    const created = await create({ scheduledAt: '2020-01-01T00:00:00Z' });
    await relay.claimAll();
    expect(await cancelIf(created.id, tagOf(created))).toMatchObject({
      json: { code: 'in_flight' },
    });
    await relay.discard();
  });
});
