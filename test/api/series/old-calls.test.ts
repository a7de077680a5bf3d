import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEvent, type TestApi, testApi } from '../harness.ts';
import { daily, field, seriesClient, stamp } from './series.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const { create, get, put, cancel, list, change } = seriesClient(() => it);

const DAYS = [15, 16, 17, 18, 19, 20, 21, 22, 24, 30];
const at = (day: number) => `2035-04-${day}T01:00:00Z`;
const instance = (id: string, day: number) => `${id}_${stamp(at(day))}`;
const days = async (id: string) =>
  (await list(id))
    .map((event) => String(event.scheduledInstant))
    .map((text) => Number(text.slice(8, 10)));

test('a series is created and reads back', async () => {
  const event = newEvent(daily);
  const { status, headers, json } = await it.request('POST', '/events', event);
  expect([status, headers.get('location')]).toEqual([201, `/events/${event.id}`]);
  expect(json).toEqual({
    ...event,
    ...{ scheduledInstant: at(15), gap: 'shift', overlap: null, missed: null, maxLateness: null },
    ...{ key: null, headers: {}, status: 'SCHEDULED', retry: 0, lastError: null, nextAt: null },
    ...{ recurrenceId: null, occurrence: null, owner: 'local', publishedAt: null },
    ...{ createdAt: json.createdAt, updatedAt: json.createdAt },
  });
  expect((await get(event.id)).json).toEqual(json);
  expect((await get(`${event.id}/status`)).json).toEqual({ id: event.id, status: 'SCHEDULED' });
  const again = await it.request('POST', '/events', event);
  expect([again.status, again.json]).toEqual([200, json]);
  const other = await it.request('POST', '/events', { ...event, recurrence: 'FREQ=DAILY' });
  expect([other.status, other.json.code]).toEqual([409, 'id_taken']);
});

test('its instances are events, in order, with their places', async () => {
  const series = await create();
  const instances = await list(series.id);
  expect(instances).toEqual(
    DAYS.map((day, occurrence) => ({
      ...series,
      id: instance(series.id, day),
      scheduledAt: `2035-04-${day}T10:00:00`,
      scheduledInstant: at(day),
      endsAt: `2035-04-${day}T10:30:00`,
      recurrence: null,
      recurrenceId: series.id,
      occurrence,
      nextAt: at(day),
    })),
  );
  expect(instances[8]).toMatchObject({ id: instance(series.id, 24), occurrence: 8 });
  const one = await get(instance(series.id, 24));
  expect([one.status, one.json]).toEqual([200, instances[8]]);
  const { json } = await get(`${instance(series.id, 24)}/status`);
  expect(json).toEqual({ id: instance(series.id, 24), status: 'SCHEDULED' });
});

test('one instance is changed by PUT of what GET gave, and no other', async () => {
  const { id } = await create();
  const before = await list(id);
  const changed = {
    ...{ destinationTopic: 'another-topic', payload: 'aGk=', key: 'k', headers: { a: 'b' } },
    ...{ scheduledAt: '2035-04-24T12:00:00', endsAt: '2035-04-24T12:15:00' },
  };
  const { status, json } = await change(instance(id, 24), changed);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    ...changed,
    ...{ id: instance(id, 24), recurrenceId: id, occurrence: 8, recurrence: null },
    ...{ scheduledInstant: '2035-04-24T03:00:00Z', status: 'SCHEDULED' },
  });
  expect((await get(instance(id, 24))).json).toEqual(json);
  expect(await list(id)).toEqual([...before.slice(0, 8), json, before[9]]);
});

test('an exception is a snapshot, which later changes of its series do not touch', async () => {
  const { id } = await create();
  await change(instance(id, 24), { destinationTopic: 'another-topic' });
  expect((await change(id, { payload: '', destinationTopic: 'third-topic' })).status).toBe(200);
  const instances = await list(id);
  expect(instances.map(field('destinationTopic'))).toEqual(
    DAYS.map((day) => (day === 24 ? 'another-topic' : 'third-topic')),
  );
  expect((await get(instance(id, 24))).json.payload).toBe(daily.payload);
});

describe('from a date on', () => {
  test.each([
    ['COUNT', 'RRULE:FREQ=DAILY;COUNT=4'],
    ['UNTIL', 'RRULE:FREQ=DAILY;UNTIL=20350418T010000Z'],
  ])('a series is trimmed by %s, and a new one made for the rest', async (_by, recurrence) => {
    const { id } = await create();
    const { status, json } = await change(id, { recurrence });
    expect([status, json.recurrence]).toEqual([200, recurrence]);
    expect(await days(id)).toEqual([15, 16, 17, 18]);
    expect((await get(instance(id, 19))).status).toBe(404);
    const rest = await create({
      ...{ scheduledAt: '2035-04-19T11:00:00', endsAt: '2035-04-19T11:30:00' },
      recurrence: 'RRULE:FREQ=DAILY;COUNT=6',
    });
    expect((await list(rest.id)).map(field('scheduledAt'))).toEqual(
      [19, 20, 21, 22, 23, 24].map((day) => `2035-04-${day}T11:00:00`),
    );
  });
});

describe('all of a series', () => {
  test('is moved; exceptions that are no occurrences any more vanish, others stay', async () => {
    const { id } = await create();
    await change(instance(id, 16), { payload: '' });
    await change(instance(id, 24), { payload: '' });
    const recurrence = 'RRULE:FREQ=DAILY;COUNT=5\nRDATE:20350424T010000Z';
    await change(id, { scheduledAt: '2035-04-17T09:00:00', endsAt: null, recurrence });
    const instances = await list(id);
    expect(instances.map(field('scheduledAt'))).toEqual([
      ...[17, 18, 19, 20, 21].map((day) => `2035-04-${day}T09:00:00`),
      '2035-04-24T10:00:00',
    ]);
    expect(instances[5]).toMatchObject({ payload: '', occurrence: 5, id: instance(id, 24) });
    expect((await get(instance(id, 16))).status).toBe(404);
    expect((await put(instance(id, 16), { ...daily, recurrence: null })).status).toBe(404);
  });

  test('forgets no cancellation: it is in force again when its occurrence returns', async () => {
    const { id, recurrence } = await create();
    await cancel(instance(id, 20));
    await change(id, { recurrence: 'RRULE:FREQ=DAILY;COUNT=3' });
    expect((await get(instance(id, 20))).status).toBe(404);
    expect((await cancel(instance(id, 20))).status).toBe(404);
    expect(await days(id)).toEqual([15, 16, 17]);
    await change(id, { recurrence });
    expect((await get(instance(id, 20))).json).toMatchObject({ status: 'CANCELED', occurrence: 5 });
    const canceled = (await list(id)).filter(({ status }) => status === 'CANCELED');
    expect(canceled.map(field('id'))).toEqual([instance(id, 20)]);
  });

  test('a cancellation of one zone cancels nothing in another', async () => {
    const { id } = await create();
    await cancel(instance(id, 20));
    await change(id, { timezone: 'Europe/Berlin' });
    const instances = await list(id);
    expect(instances.map(field('status'))).toEqual(instances.map(() => 'SCHEDULED'));
    expect(instances[5]).toMatchObject({ scheduledInstant: '2035-04-20T08:00:00Z' });
  });
});

describe('cancelling', () => {
  test('one instance leaves the others', async () => {
    const { id } = await create();
    const { status, json } = await cancel(instance(id, 24));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      ...{
        id: instance(id, 24),
        status: 'CANCELED',
        recurrenceId: id,
        occurrence: 8,
        nextAt: null,
      },
    });
    const again = await cancel(instance(id, 24));
    expect([again.status, again.json]).toEqual([200, json]);
    const statuses = (await list(id)).map(field('status'));
    expect(statuses).toEqual(DAYS.map((day) => (day === 24 ? 'CANCELED' : 'SCHEDULED')));
  });

  test('all of a series cancels its exceptions too', async () => {
    const { id } = await create();
    await change(instance(id, 16), { payload: '' });
    const { status, json } = await cancel(id);
    expect([status, json.status, json.nextAt]).toEqual([200, 'CANCELED', null]);
    const instances = await list(id);
    expect(instances).toHaveLength(10);
    expect(new Set(instances.map(field('status')))).toEqual(new Set(['CANCELED']));
    expect(new Set(instances.map(field('nextAt')))).toEqual(new Set([null]));
    const one = await cancel(instance(id, 17));
    expect([one.status, one.json.status]).toEqual([200, 'CANCELED']);
  });

  test('is final', async () => {
    const { id } = await create();
    await cancel(instance(id, 24));
    const one = await change(instance(id, 24), { payload: '' });
    expect([one.status, one.json.code, one.json.detail]).toEqual([409, 'final', 'CANCELED']);
    await cancel(id);
    for (const canceled of [id, instance(id, 15)]) {
      const { status, json } = await change(canceled, { payload: '' });
      expect([status, json.code, json.detail]).toEqual([409, 'final', 'CANCELED']);
    }
  });
});

test('a status that differs from the present one is 409', async () => {
  const { id } = await create();
  for (const target of [id, instance(id, 15)]) {
    const { status, json } = await change(target, { status: 'CANCELED' });
    expect([status, json.code, json.field]).toEqual([409, 'status_mismatch', 'status']);
  }
  expect(new Set((await list(id)).map(field('status')))).toEqual(new Set(['SCHEDULED']));
});

test('what is no occurrence is 404 everywhere', async () => {
  const { id } = await create();
  const { json } = await get(instance(id, 15));
  for (const timestamp of ['20350423T010000Z', '20350415T010001Z', '20350501T010000Z']) {
    const stranger = `${id}_${timestamp}`;
    const answers = [
      await get(stranger),
      await get(`${stranger}/status`),
      await get(`${stranger}/instances`),
      await put(stranger, { ...json, id: stranger }),
      await cancel(stranger),
    ];
    expect(answers.map(({ status, json: { code } }) => [status, code])).toEqual(
      Array(5).fill([404, 'not_found']),
    );
  }
});

test('with its own dates, which are past by now, all of it goes out with a warning', async () => {
  const past = JSON.parse(JSON.stringify(daily).replaceAll('2035', '2025'));
  const event = newEvent(past);
  const first = await it.request('POST', '/events', event);
  expect(first.status).toBe(201);
  expect(first.json.warnings).toEqual([
    { code: 'past_occurrences', detail: '10 occurrences lie in the past.' },
  ]);
  const { warnings, ...created } = first.json;
  const again = await it.request('POST', '/events', event);
  expect([again.status, again.json]).toEqual([200, created]);
  const instances = await list(event.id);
  expect(instances[8]).toMatchObject({ id: `${event.id}_20250424T010000Z`, occurrence: 8 });
});
