import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from '../harness.ts';
import { daily, seriesClient } from './series.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const { create, get, put, change, page } = seriesClient(() => it);
const post = (fields: Json) => it.request('POST', '/events', newEvent({ ...daily, ...fields }));

const refusals: [field: string, value: unknown, code: string][] = [
  ['recurrence', 'FREQ=DAILY;BYHOUR=24', 'invalid_recurrence'],
  ['recurrence', 'RDATE;TZID=PST:20350415T100000', 'invalid_recurrence'],
  ['recurrence', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'invalid_recurrence'],
  ['recurrence', 'FREQ=DAILY;UNTIL=20350414T000000Z', 'invalid_recurrence'],
  ['recurrence', 'FREQ=DAILY;COUNT=1\nEXDATE:20350415T010000Z', 'invalid_recurrence'],
  ['recurrence', 5, 'invalid_recurrence'],
  ['scheduledAt', '2035-04-15T10:00:00.5', 'invalid_date_time'],
  ['scheduledAt', '2035-04-31T10:00:00', 'invalid_date_time'],
  ['timezone', 'asia/tokyo', 'invalid_timezone'],
  ['gap', 'jump', 'invalid_policy'],
  ['overlap', 'middle', 'invalid_policy'],
  ['missed', 'some', 'invalid_policy'],
  ['endsAt', '2035-04-15T09:59:59', 'invalid_ends_at'],
  ['destinationTopic', '__x', 'invalid_topic'],
  ['payload', '*', 'invalid_payload'],
];

test.each(refusals)(
  '%s: %j is refused as by POST and by PUT, and nothing is stored',
  async (field, value, code) => {
    const event = newEvent({ ...daily, [field]: value });
    const posted = await it.request('POST', '/events', event);
    expect({ status: posted.status, ...posted.json }).toMatchObject({ status: 400, code, field });
    expect((await get(event.id)).status).toBe(404);

    const series = await create();
    const answer = await put(series.id, { ...series, [field]: value });
    expect({ status: answer.status, ...answer.json }).toMatchObject({ status: 400, code, field });
    expect((await get(series.id)).json).toEqual(series);
  },
);

describe('what does not fit the path is refused', () => {
  const stranger = '018f0000-0000-7000-8000-000000000001';
  test.each<[string, Json, string, string]>([
    ['another id', { id: stranger }, 'invalid_id', 'id'],
    ['the id of its series', { id: '' }, 'ok', ''],
    ['another series', { recurrenceId: stranger }, 'invalid_event', 'recurrenceId'],
    ['a recurrence', { recurrence: 'FREQ=DAILY' }, 'invalid_recurrence', 'recurrence'],
    ['another status', { status: 'PUBLISHED' }, 'status_mismatch', 'status'],
    ['an unknown field', { nope: 1 }, 'invalid_event', 'nope'],
  ])('for an instance: %s', async (_name, fields, code, field) => {
    const { id } = await create();
    const instance = `${id}_20350416T010000Z`;
    const before = (await get(instance)).json;
    const { status, json } = await change(instance, fields);
    if (code === 'ok') {
      expect([status, json.id]).toEqual([200, instance]);
    } else {
      expect([json.code, json.field]).toEqual([code, field]);
      expect((await get(instance)).json).toEqual(before);
    }
  });

  test('a recurrence is neither added nor removed', async () => {
    const series = await create();
    const removed = await change(series.id, { recurrence: null });
    expect({ status: removed.status, ...removed.json }).toMatchObject({
      ...{ status: 400, code: 'invalid_recurrence', field: 'recurrence' },
    });
    const oneOff = newEvent();
    await it.request('POST', '/events', oneOff);
    const added = await change(oneOff.id, { recurrence: 'FREQ=DAILY' });
    expect({ status: added.status, ...added.json }).toMatchObject({
      ...{ status: 400, code: 'invalid_recurrence', field: 'recurrence' },
    });
  });
});

test('an instance is known by its id in any case, and its policies are its series', async () => {
  const series = await create({ overlap: 'both', gap: 'skip', missed: 'skip' });
  const id = `${series.id}_20350416T010000Z`;
  const policies = {
    gap: 'nonsense',
    overlap: 'middle',
    missed: 'perhaps',
    scheduledAt: '2035-05-01T00:00:00',
    endsAt: null,
  };
  const { status, json } = await change(id.toUpperCase(), policies);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    ...{ id, overlap: 'both', gap: 'skip', missed: 'skip', scheduledAt: '2035-05-01T00:00:00' },
  });
});

describe('warnings', () => {
  test('a start that the rule does not match', async () => {
    const { status, json } = await post({ recurrence: 'FREQ=MONTHLY;BYMONTHDAY=1;COUNT=1' });
    expect(status).toBe(201);
    expect(json.warnings).toEqual([
      { code: 'start_not_matching', detail: expect.stringContaining('scheduledAt') },
    ]);
  });

  test.each<[string, Json, string[]]>([
    ['all', {}, ['10 occurrences lie in the past.']],
    ['all', { missed: 'all' }, ['10 occurrences lie in the past.']],
    [
      'latest',
      { missed: 'latest' },
      ['10 occurrences lie in the past; only the last is published.'],
    ],
    ['skip', { missed: 'skip' }, []],
    ['one', { recurrence: 'FREQ=DAILY;COUNT=1' }, ['1 occurrence lies in the past.']],
  ])('occurrences in the past: %s', async (_name, fields, details) => {
    const recurrence = 'FREQ=DAILY;COUNT=10';
    const past = { scheduledAt: '2025-04-15T10:00:00', endsAt: null, recurrence, ...fields };
    const { status, json } = await post(past);
    expect(status).toBe(201);
    const warnings = (json.warnings ?? []) as Json[];
    expect(warnings.map(({ detail }) => detail)).toEqual(details);
  });

  test('none for one-off events, and none where there is nothing to say', async () => {
    const oneOff = await it.request(
      'POST',
      '/events',
      newEvent({ scheduledAt: '2025-01-01T00:00:00Z' }),
    );
    const series = await post({});
    expect([oneOff.status, series.status]).toEqual([201, 201]);
    expect([oneOff.json, series.json].some((json) => 'warnings' in json)).toBe(false);
  });
});

describe('more than 100 occurrences in the past', () => {
  const past = { scheduledAt: '2020-01-01T00:00:00', endsAt: null, recurrence: 'FREQ=DAILY' };

  test('are refused without missed', async () => {
    const event = newEvent({ ...daily, ...past });
    const { status, json } = await it.request('POST', '/events', event);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      ...{ code: 'many_past_occurrences', field: 'missed' },
      detail: expect.stringMatching(/^\d+ occurrences lie in the past/),
    });
    expect((await get(event.id)).status).toBe(404);
  });

  test('also when they are too many to count', async () => {
    const recurrence = 'FREQ=SECONDLY\nFREQ=SECONDLY;INTERVAL=3';
    const scheduledAt = '1000-01-01T00:00:00';
    const { status, json } = await post({ ...past, scheduledAt, recurrence });
    expect([status, json.code, json.field]).toEqual([400, 'many_past_occurrences', 'missed']);
  });

  test.each(['all', 'latest', 'skip'])('are taken with missed: %s', async (missed) => {
    const { status, json } = await post({ ...past, missed });
    expect([status, json.missed]).toEqual([201, missed]);
  });

  test('are no matter of a change', async () => {
    const series = await create();
    const { status } = await put(series.id, { ...series, ...past });
    expect(status).toBe(200);
    const [first] = (await page(series.id, '?limit=1')).json as unknown as Json[];
    expect(Date.parse(String(first?.scheduledInstant))).toBeGreaterThan(
      Date.parse(String(series.createdAt)),
    );
  });

  test('are no matter of a creation that was there already', async () => {
    const start = new Date(Date.now() - 99_000).toISOString().slice(0, 19);
    const recurrence = 'FREQ=SECONDLY;COUNT=1000';
    const seconds = { scheduledAt: `${start}Z`, timezone: 'UTC', recurrence };
    const event = newEvent(seconds);
    expect((await it.request('POST', '/events', event)).status).toBe(201);
    await vi.waitFor(
      async () => {
        const { json } = await it.request('POST', '/events', newEvent(seconds));
        expect(json.code).toBe('many_past_occurrences');
      },
      { timeout: 10_000, interval: 200 },
    );
    const again = await it.request('POST', '/events', event);
    expect([again.status, again.json.id, again.json.warnings]).toEqual([200, event.id, undefined]);
  });
});

test('a time zone that set-up adds is known at once', async () => {
  await it.dba.query(`delete from scheduler_private.timezones where name = 'Pacific/Apia'`);
  const other = await testApi({ database: it.database });
  try {
    const event = newEvent({ ...daily, timezone: 'Pacific/Apia' });
    const unknown = await other.request('POST', '/events', event);
    expect([unknown.status, unknown.json.code]).toEqual([400, 'invalid_timezone']);
    await it.dba.query(`insert into scheduler_private.timezones values ('Pacific/Apia')`);
    expect((await other.request('POST', '/events', event)).status).toBe(201);
  } finally {
    await other.close();
  }
});
