import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, type TestApi, testApi } from '../harness.ts';
import { field, seriesClient } from './series.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const { create, get, put, list } = seriesClient(() => it);

const berlin: Json = { timezone: 'Europe/Berlin', recurrence: 'FREQ=DAILY;COUNT=3' };
const spring: Json = {
  ...berlin,
  ...{ scheduledAt: '2035-03-24T02:30:00', endsAt: '2035-03-24T03:15:00' },
};
const autumn: Json = {
  ...berlin,
  ...{ scheduledAt: '2035-10-27T02:30:00', endsAt: '2035-10-27T03:15:00' },
};

test.each<[string, Json, [scheduledAt: string, instant: string, endsAt: string][]]>([
  [
    'a gap shifts',
    spring,
    [
      ['2035-03-24T02:30:00', '2035-03-24T01:30:00Z', '2035-03-24T03:15:00'],
      ['2035-03-25T03:30:00', '2035-03-25T01:30:00Z', '2035-03-25T04:15:00'],
      ['2035-03-26T02:30:00', '2035-03-26T00:30:00Z', '2035-03-26T03:15:00'],
    ],
  ],
  [
    'gap: skip leaves out',
    { ...spring, gap: 'skip' },
    [
      ['2035-03-24T02:30:00', '2035-03-24T01:30:00Z', '2035-03-24T03:15:00'],
      ['2035-03-26T02:30:00', '2035-03-26T00:30:00Z', '2035-03-26T03:15:00'],
      ['2035-03-27T02:30:00', '2035-03-27T00:30:00Z', '2035-03-27T03:15:00'],
    ],
  ],
  [
    'of an overlap the first',
    autumn,
    [
      ['2035-10-27T02:30:00', '2035-10-27T00:30:00Z', '2035-10-27T03:15:00'],
      ['2035-10-28T02:30:00', '2035-10-28T00:30:00Z', '2035-10-28T02:15:00+01:00'],
      ['2035-10-29T02:30:00', '2035-10-29T01:30:00Z', '2035-10-29T03:15:00'],
    ],
  ],
  [
    'overlap: last',
    { ...autumn, overlap: 'last' },
    [
      ['2035-10-27T02:30:00', '2035-10-27T00:30:00Z', '2035-10-27T03:15:00'],
      ['2035-10-28T02:30:00+01:00', '2035-10-28T01:30:00Z', '2035-10-28T03:15:00'],
      ['2035-10-29T02:30:00', '2035-10-29T01:30:00Z', '2035-10-29T03:15:00'],
    ],
  ],
  [
    'overlap: last, whose end is on the first pass',
    {
      ...{ ...autumn, scheduledAt: '2035-10-28T01:50:00', endsAt: '2035-10-28T02:35:00+02:00' },
      ...{ overlap: 'last', recurrence: 'FREQ=DAILY;COUNT=2' },
    },
    [
      ['2035-10-28T01:50:00', '2035-10-27T23:50:00Z', '2035-10-28T00:35:00Z'],
      ['2035-10-29T01:50:00', '2035-10-29T00:50:00Z', '2035-10-29T01:35:00Z'],
    ],
  ],
  [
    'overlap: last, with an end that comes to lie on the first pass',
    {
      ...{ ...autumn, scheduledAt: '2035-10-27T01:50:00', endsAt: '2035-10-27T02:35:00' },
      ...{ overlap: 'last', recurrence: 'FREQ=DAILY;COUNT=2' },
    },
    [
      ['2035-10-27T01:50:00', '2035-10-26T23:50:00Z', '2035-10-27T02:35:00'],
      ['2035-10-28T01:50:00', '2035-10-27T23:50:00Z', '2035-10-28T02:35:00'],
    ],
  ],
  [
    'overlap: both',
    { ...autumn, overlap: 'both' },
    [
      ['2035-10-27T02:30:00', '2035-10-27T00:30:00Z', '2035-10-27T03:15:00'],
      ['2035-10-28T02:30:00', '2035-10-28T00:30:00Z', '2035-10-28T02:15:00+01:00'],
      ['2035-10-28T02:30:00+01:00', '2035-10-28T01:30:00Z', '2035-10-28T03:15:00'],
      ['2035-10-29T02:30:00', '2035-10-29T01:30:00Z', '2035-10-29T03:15:00'],
    ],
  ],
  [
    'an hourly rule takes both by itself',
    {
      ...autumn,
      scheduledAt: '2035-10-28T01:30:00',
      endsAt: null,
      recurrence: 'FREQ=HOURLY;COUNT=3',
    },
    [
      ['2035-10-28T01:30:00', '2035-10-27T23:30:00Z', null as unknown as string],
      ['2035-10-28T02:30:00', '2035-10-28T00:30:00Z', null as unknown as string],
      ['2035-10-28T02:30:00+01:00', '2035-10-28T01:30:00Z', null as unknown as string],
      ['2035-10-28T03:30:00', '2035-10-28T02:30:00Z', null as unknown as string],
    ],
  ],
  [
    'given as an instant',
    { ...spring, scheduledAt: '2035-03-24T01:30:00Z', endsAt: '2035-03-24T02:15:00.25Z' },
    [
      ['2035-03-24T01:30:00Z', '2035-03-24T01:30:00Z', '2035-03-24T02:15:00.25Z'],
      ['2035-03-25T01:30:00Z', '2035-03-25T01:30:00Z', '2035-03-25T02:15:00.25Z'],
      ['2035-03-26T00:30:00Z', '2035-03-26T00:30:00Z', '2035-03-26T01:15:00.25Z'],
    ],
  ],
  [
    'a period has a length of its own',
    { ...spring, recurrence: 'FREQ=DAILY;COUNT=1\nRDATE;VALUE=PERIOD:20350430T010000Z/PT2H' },
    [
      ['2035-03-24T02:30:00', '2035-03-24T01:30:00Z', '2035-03-24T03:15:00'],
      ['2035-04-30T03:00:00', '2035-04-30T01:00:00Z', '2035-04-30T05:00:00'],
    ],
  ],
])('%s, and PUT of what GET gave moves nothing', async (_name, fields, expected) => {
  const { id } = await create(fields);
  const instances = await list(id);
  expect(
    instances.map((event) => [event.scheduledAt, event.scheduledInstant, event.endsAt]),
  ).toEqual(expected);
  for (const instance of instances) {
    const { status, json } = await put(String(instance.id), instance);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...{ id: instance.id, scheduledAt: instance.scheduledAt, endsAt: instance.endsAt },
      ...{ scheduledInstant: instance.scheduledInstant, occurrence: instance.occurrence },
    });
  }
  const exceptions = await list(id);
  expect(exceptions.map(field('id'))).toEqual(instances.map(field('id')));
  expect(exceptions.map(field('scheduledInstant'))).toEqual(expected.map(([, instant]) => instant));
});

test('a series reads back as it was given, and PUT of that moves nothing', async () => {
  for (const fields of [
    { ...spring, gap: 'skip', missed: 'latest' },
    { ...autumn, overlap: 'both', missed: 'skip' },
    { ...autumn, scheduledAt: '2035-10-28T02:30:00+01:00', endsAt: null },
    { ...spring, scheduledAt: '2035-03-24T01:30:00Z' },
  ]) {
    const series = await create(fields);
    expect(series).toMatchObject(fields);
    const before = await list(series.id);
    const { status, json } = await put(series.id, series);
    expect([status, json]).toEqual([200, { ...series, updatedAt: json.updatedAt }]);
    expect((await get(series.id)).json).toEqual(json);
    const after = await list(series.id);
    expect(after.map(field('scheduledInstant'))).toEqual(before.map(field('scheduledInstant')));
  }
});
