import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const daily: Json = {
  scheduledAt: '2035-04-15T10:00:00',
  timezone: 'Asia/Tokyo',
  recurrence:
    'RRULE:FREQ=DAILY;COUNT=10\nEXDATE;VALUE=DATE-TIME:20350423T010000Z\nRDATE;VALUE=DATE-TIME:20350430T010000Z',
};

function preview(fields: Json = {}) {
  return it.request('POST', '/recurrence/preview', { ...daily, ...fields });
}

test.each([
  ['America/New_York', '9999-12-30T23:00:00', 'RRULE:FREQ=DAILY', '9999-12-31T04:00:00Z'],
  ['America/New_York', '9999-12-30T23:00:00', 'RDATE:99991231T230000', '9999-12-31T04:00:00Z'],
  ['Asia/Tokyo', '2035-01-01T09:00:00', 'RDATE:00010101T000000', '2035-01-01T00:00:00Z'],
])('leaves out what lies outside the years 1 to 9999 of UTC (%s, %s, %s)', async (...of) => {
  const [timezone, scheduledAt, recurrence, only] = of;
  const { json } = await preview({ timezone, scheduledAt, recurrence });
  expect(json).toEqual({ occurrences: [only], complete: true, warnings: [] });
});

test('shows all occurrences of a finite recurrence', async () => {
  const { status, json } = await preview();
  expect(status).toBe(200);
  expect(json).toEqual({
    occurrences: [15, 16, 17, 18, 19, 20, 21, 22, 24, 30].map((day) => `2035-04-${day}T01:00:00Z`),
    complete: true,
    warnings: [],
  });
});

test('stores nothing', async () => {
  await preview();
  const { rows } = await it.dba.query('select from scheduler_private.events');
  expect(rows).toHaveLength(0);
});

test('shows as many as the limit says, from a moment on', async () => {
  const first = await preview({ limit: 2 });
  expect(first.json).toMatchObject({
    occurrences: ['2035-04-15T01:00:00Z', '2035-04-16T01:00:00Z'],
    complete: false,
  });
  const utc = await preview({ limit: 1, from: '2035-04-22T01:00:01Z' });
  expect(utc.json.occurrences).toEqual(['2035-04-24T01:00:00Z']);
  const local = await preview({ from: '2035-04-30T10:00:00' });
  expect(local.json).toMatchObject({ occurrences: ['2035-04-30T01:00:00Z'], complete: true });
  const endless = await preview({ recurrence: 'FREQ=DAILY' });
  expect(endless.json.occurrences).toHaveLength(100);
});

test('takes an instant for the wall time that it is in the zone', async () => {
  const { json } = await preview({
    scheduledAt: '2035-03-10T14:00:00Z',
    timezone: 'America/New_York',
    recurrence: 'FREQ=DAILY;COUNT=2',
  });
  expect(json.occurrences).toEqual(['2035-03-10T14:00:00Z', '2035-03-11T13:00:00Z']);
});

test('follows gap and overlap', async () => {
  const night = { scheduledAt: '2035-03-10T02:30:00', timezone: 'America/New_York' };
  const recurrence = 'FREQ=DAILY;COUNT=2';
  const skipped = await preview({ ...night, recurrence, gap: 'skip' });
  expect(skipped.json.occurrences).toEqual(['2035-03-10T07:30:00Z', '2035-03-12T06:30:00Z']);
  const autumn = { ...night, scheduledAt: '2035-11-04T01:30:00', recurrence: 'FREQ=DAILY;COUNT=1' };
  const both = await preview({ ...autumn, overlap: 'both' });
  expect(both.json.occurrences).toEqual(['2035-11-04T05:30:00Z', '2035-11-04T06:30:00Z']);
});

test('warns of a start that the rule does not match', async () => {
  const { json } = await preview({ recurrence: 'FREQ=MONTHLY;BYMONTHDAY=1;COUNT=1' });
  expect(json).toMatchObject({
    occurrences: ['2035-05-01T01:00:00Z'],
    warnings: [{ code: 'start_not_matching', detail: expect.stringContaining('scheduledAt') }],
  });
});

test('warns of occurrences in the past, and counts them', async () => {
  const { json } = await preview({
    scheduledAt: '2025-04-15T10:00:00',
    recurrence: 'FREQ=DAILY;COUNT=10',
  });
  expect(json.warnings).toEqual([
    { code: 'past_occurrences', detail: '10 occurrences lie in the past.' },
  ]);
});

describe('refuses', () => {
  const cases: [field: string, value: unknown, code: string][] = [
    ['scheduledAt', undefined, 'invalid_date_time'],
    ['scheduledAt', '2035-04-31T10:00:00', 'invalid_date_time'],
    ['scheduledAt', '2035-04-15T10:00:00.5', 'invalid_date_time'],
    ['scheduledAt', '2035-04-15T10:00:00+25:00', 'invalid_date_time'],
    ['scheduledAt', '9999-12-31T23:59:59-12:00', 'invalid_date_time'],
    ['scheduledAt', '0001-01-01T00:00:00', 'invalid_date_time'],
    ['timezone', 'FOO+3', 'invalid_timezone'],
    ['timezone', 'asia/tokyo', 'invalid_timezone'],
    ['recurrence', undefined, 'invalid_recurrence'],
    ['recurrence', '', 'invalid_recurrence'],
    ['recurrence', 5, 'invalid_recurrence'],
    ['recurrence', 'FREQ=DAILY;BYHOUR=24', 'invalid_recurrence'],
    ['recurrence', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'invalid_recurrence'],
    ['recurrence', `FREQ=DAILY;X=${'9'.repeat(2 ** 20)}`, 'invalid_recurrence'],
    ['recurrence', 'RDATE;TZID=PST:20350415T100000', 'invalid_recurrence'],
    ['gap', 'jump', 'invalid_policy'],
    ['overlap', 'middle', 'invalid_policy'],
    ['from', 'tomorrow', 'invalid_date_time'],
    ['limit', 0, 'bad_request'],
    ['limit', 1001, 'bad_request'],
    ['limit', 1.5, 'bad_request'],
    ['limit', '5', 'bad_request'],
    ['until', 'x', 'invalid_event'],
  ];

  test.each(cases)('%s: %.40j as %s', async (field, value, code) => {
    const { status, headers, json } = await preview({ [field]: value });
    expect({ status, ...json }).toMatchObject({ status: 400, code, field });
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test('with the part named, and what would be right', async () => {
    const { json } = await preview({ recurrence: 'FREQ=DAILY;BYHOUR=24' });
    expect(json.detail).toBe(
      'BYHOUR has "24". Write whole numbers from 0 to 23, separated by commas.',
    );
  });
});
