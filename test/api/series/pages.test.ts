import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from '../harness.ts';
import { field, nextOf, seriesClient, stamp } from './series.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const { create, change, cancel, page, list } = seriesClient(() => it);

const utc: Json = { scheduledAt: '2035-04-01T10:00:00Z', endsAt: null, timezone: 'UTC' };
const endless: Json = { ...utc, recurrence: 'FREQ=HOURLY' };
const finite: Json = { ...utc, recurrence: 'FREQ=DAILY;COUNT=10' };
const at = (day: number) => `2035-04-${String(day).padStart(2, '0')}T10:00:00Z`;
const starts = (events: unknown) => (events as Json[]).map(field('scheduledInstant'));

describe('a page', () => {
  test('has at most 1,000 instances of a finite series, 100 of an endless one', async () => {
    const { id } = await create({ ...utc, recurrence: 'FREQ=SECONDLY;COUNT=1001' });
    const [all, rest] = [await page(id), await list(id)];
    expect(all.json).toHaveLength(1000);
    expect(rest.map(field('occurrence'))).toEqual(Array.from({ length: 1001 }, (_, i) => i));
    const other = await create(endless);
    const [first, most] = [await page(other.id), await page(other.id, '?limit=1000')];
    expect([first.json, most.json].map((events) => (events as unknown as Json[]).length)).toEqual([
      100, 1000,
    ]);
  });

  test('begins where an offset puts it, be it outside the years that have a text', async () => {
    const { id } = await create(finite);
    const answers = [
      await page(id, '?from=9999-12-31T23:59:59-12:00'),
      await page(id, '?from=0001-01-01T00:00:00%2B14:00'),
    ];
    expect(answers.map(({ status, json }) => [status, json.length])).toEqual([
      [200, 0],
      [200, 10],
    ]);
  });

  test('links to the next one, with the other parameters as they are', async () => {
    const { id } = await create(endless);
    const query = '?from=2035-04-02T00%3A00%3A00%2B09%3A00&to=2035-04-02T00:00:00Z&limit=3';
    const first = await page(id, query);
    expect(starts(first.json)).toEqual([15, 16, 17].map((hour) => `2035-04-01T${hour}:00:00Z`));
    const next = new URL(nextOf(first) ?? '', it.api.rest);
    expect(next.pathname).toBe(`/events/${id}/instances`);
    expect(Object.fromEntries(next.searchParams)).toEqual({
      ...{ from: '2035-04-02T00:00:00+09:00', to: '2035-04-02T00:00:00Z', limit: '3' },
      cursor: expect.stringMatching(/^[\w-]+$/),
    });
    expect(starts(await list(id, query))).toEqual(
      [15, 16, 17, 18, 19, 20, 21, 22, 23].map((hour) => `2035-04-01T${hour}:00:00Z`),
    );
  });

  test.each([1, 3, 9, 10, 11])('of %i after another shows every instance once', async (limit) => {
    const { id } = await create(finite);
    await change(`${id}_${stamp(at(3))}`, { scheduledAt: '2035-04-08T10:00:00Z' });
    await change(`${id}_${stamp(at(9))}`, { scheduledAt: '2034-01-01T00:00:00.000001Z' });
    await change(`${id}_${stamp(at(10))}`, { scheduledAt: '2036-01-01T00:00:00.5Z' });
    await cancel(`${id}_${stamp(at(1))}`);
    const instances = await list(id, `?limit=${limit}`);
    expect(starts(instances)).toEqual([
      '2034-01-01T00:00:00.000001Z',
      ...[1, 2, 4, 5, 6, 7, 8, 8].map(at),
      '2036-01-01T00:00:00.5Z',
    ]);
    expect(instances.map(field('occurrence'))).toEqual([8, 0, 1, 3, 4, 5, 6, 2, 7, 9]);
  });

  test('of the last instances links to no other', async () => {
    const { id } = await create(finite);
    const last = await page(id, '?limit=10');
    expect([(last.json as unknown as Json[]).length, nextOf(last)]).toEqual([10, undefined]);
    const none = await page(id, '?from=2036-01-01T00:00:00Z');
    expect([none.status, none.json, nextOf(none)]).toEqual([200, [], undefined]);
  });

  test('ends at 8 MB', async () => {
    const { id } = await create({ ...finite, payload: Buffer.alloc(800_000).toString('base64') });
    await change(`${id}_${stamp(at(2))}`, { scheduledAt: '2035-04-05T10:00:00Z' });
    const first = await page(id);
    const bytes = JSON.stringify(first.json).length;
    expect(bytes).toBeLessThan(8 * 1024 * 1024);
    expect(bytes).toBeGreaterThan(7 * 1024 * 1024);
    expect(starts(await list(id))).toEqual([1, 3, 4, 5, 5, 6, 7, 8, 9, 10].map(at));
  });

  test('is found however many instances were moved away before it', async () => {
    const { id } = await create({ ...finite, recurrence: 'FREQ=DAILY;COUNT=27' });
    for (let day = 1; day <= 25; day++) {
      await change(`${id}_${stamp(at(day))}`, { scheduledAt: '2035-05-01T00:00:00Z' });
    }
    const first = await page(id, '?limit=1');
    expect(starts(first.json)).toEqual([at(26)]);
    expect(await list(id, '?limit=4')).toHaveLength(27);
  });
});

test('from is inclusive, to exclusive, both by the current time of an instance', async () => {
  const { id } = await create(finite);
  await change(`${id}_${stamp(at(4))}`, { scheduledAt: '2035-04-20T10:00:00.5Z' });
  const between = async (from: string, to: string) =>
    starts(await list(id, `?from=${from}&to=${to}`));
  expect(await between(at(2), at(5))).toEqual([2, 3].map(at));
  expect(await between('2035-04-20T10:00:00Z', '2035-04-20T10:00:00.5Z')).toEqual([]);
  expect(await between('2035-04-20T10:00:00.5Z', '2035-04-20T10:00:01Z')).toEqual([
    '2035-04-20T10:00:00.5Z',
  ]);
  expect(await between(at(5), at(2))).toEqual([]);
});

test('from and to without an offset are in the zone of the series', async () => {
  const { id } = await create();
  const instances = await list(id, '?from=2035-04-16T10:00:00&to=2035-04-17T10:00:00');
  expect(starts(instances)).toEqual(['2035-04-16T01:00:00Z']);
});

test('a page far away in an endless series of seconds comes at once', async () => {
  const { id } = await create({ ...utc, recurrence: 'FREQ=SECONDLY;BYSECOND=7' });
  const { json } = await page(id, '?from=2335-04-01T10:00:00Z&limit=1');
  expect(json).toMatchObject([
    { scheduledInstant: '2335-04-01T10:00:07Z', occurrence: expect.any(Number) },
  ]);
});

test.each([
  ['from', 'tomorrow', 'invalid_date_time'],
  ['from', '2035-04-31T00:00:00Z', 'invalid_date_time'],
  ['to', '', 'invalid_date_time'],
  ['to', '2035-04-01', 'invalid_date_time'],
  ['limit', '0', 'bad_request'],
  ['limit', '1001', 'bad_request'],
  ['limit', '-1', 'bad_request'],
  ['limit', '1e2', 'bad_request'],
  ['limit', '', 'bad_request'],
  ['cursor', 'nonsense', 'bad_request'],
  ['cursor', '', 'bad_request'],
  ['offset', '10', 'invalid_event'],
])('%s=%s is 400 %s, which names it', async (name, value, code) => {
  const { id } = await create(finite);
  const { status, json } = await page(id, `?${name}=${value}`);
  expect([status, json.code, json.field]).toEqual([400, code, name]);
  const twice = await page(id, `?${name}=1&${name}=2`);
  expect([twice.status, twice.json.field]).toEqual([400, name]);
});

test('what does not recur has no instances', async () => {
  const oneOff = newEvent();
  await it.request('POST', '/events', oneOff);
  const series = await create(finite);
  for (const id of [oneOff.id, `${series.id}_${stamp(at(1))}`]) {
    const { status, json } = await page(id);
    expect([status, json.code, json.field]).toEqual([400, 'bad_request', 'id']);
  }
  const { status, json } = await page(newEvent().id);
  expect([status, json.code]).toEqual([404, 'not_found']);
});
