import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import type { RelayProcess } from '../harness/relay.ts';
import { type Stage, setStage, untilFinal } from '../harness/stage.ts';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';

// The callers of the old system, with nothing changed but the host name: the calls of its documentation
// and what lies between them, byte for byte, as an identity without a token; what comes of them in REST,
// in SQL and, by a real relay, on the topics.

const ONE_OFF = '8b82e04b-7764-430b-bc49-0393235f8927';
const SERIES = '318849b6-39b9-47fb-8b23-4fd43089f03f';
const TOPIC = 'a-destination-topic';
const OTHER_TOPIC = 'another-topic';
const NOTIFICATIONS = 'notification.notifications';

const ofSeries = (id: string, year: number) =>
  `{"id":"${id}","scheduledAt":"${year}-04-15T10:00:00","timezone":"Asia/Tokyo","payload":"aGVsbG8gd29ybGQK","destinationTopic":"a-destination-topic","endsAt":"${year}-04-15T10:30:00","recurrence":"RRULE:FREQ=DAILY;COUNT=10\\nEXDATE;VALUE=DATE-TIME:${year}0423T010000Z\\nRDATE;VALUE=DATE-TIME:${year}0430T010000Z"}`;
const ofOneOff = (id: string, year: number) =>
  `{"id":"${id}","scheduledAt":"${year}-03-09T17:43:00Z","timezone":"Asia/Tokyo","payload":"eyJpZCI6MX0=","destinationTopic":"notification.notifications"}`;

let stage: Stage;
let it: TestApi;
let relay: RelayProcess | undefined;
beforeAll(async () => {
  stage = await setStage('old-callers', { topics: [TOPIC, OTHER_TOPIC, NOTIFICATIONS] });
  it = await testApi({ database: stage.database, anonymousIdentity: 'legacy' });
  await it.dba.query(`select scheduler.grant_topic('legacy', '', true)`);
});
afterAll(async () => {
  await it?.close();
  await stage?.close();
});

/** Unless it runs already. */
function startRelay(): RelayProcess {
  relay ??= stage.relay();
  return relay;
}

const post = (body: string) => it.request('POST', '/events', body, JSON_TYPE);
const JSON_TYPE = { 'content-type': 'application/json' };
const get = async (path: string) => (await it.request('GET', `/events/${path}`)).json;
const list = async (id: string) => (await get(`${id}/instances`)) as unknown as Json[];
const cancel = (id: string) => it.request('PATCH', `/events/${id}/cancel`);

/** The fields that the old system had, in its order: others its clients neither know nor send. */
const OLD_FIELDS = [
  ...['id', 'scheduledAt', 'timezone', 'payload', 'destinationTopic', 'status', 'retry'],
  ...['endsAt', 'recurrence', 'recurrenceId'],
];

/** GETs an event and PUTs it back with other values. */
async function change(id: string, fields: Json) {
  const event = await get(id);
  const known = OLD_FIELDS.filter((name) => event[name] !== null);
  const body = Object.fromEntries(known.map((name) => [name, event[name]]));
  return it.request('PUT', `/events/${id}`, JSON.stringify({ ...body, ...fields }), JSON_TYPE);
}

/** An event, or a series and its exceptions, as a DBA sees them. */
function inSql(id: string): Promise<Json[]> {
  return query(
    stage.database.url,
    `select id, status, destination_topic as topic, convert_from(payload, 'UTF8') as payload, scheduled_at as at, owner
     from scheduler.events where id = $1 or recurrence_id = $1 order by id`,
    [id],
  );
}

/** What of an event or a series is on the topics, as far as the reader has got. */
function onTopics(id: string): string[][] {
  return stage.reader.messages
    .filter(({ headers }) => headers.ce_source === `/scheduler/${stage.deployment}`)
    .filter(({ headers }) => headers.ce_id === id || headers['scheduler-series-id'] === id)
    .map(({ topic, value, headers }) => [headers.ce_id ?? '', topic, value.toString()])
    .sort(([one = ''], [other = '']) => one.localeCompare(other));
}

const instance = (id: string, day: number, year: number) => `${id}_${year}04${day}T010000Z`;
const daysOf = (events: Json[]) => events.map(({ id }) => Number(String(id).slice(-10, -8)));
const statusesOf = (events: Json[]) => new Set(events.map(({ status }) => status));

test('with their own dates, all overdue', async () => {
  // A relay that is away for a while leaves them the time to change their minds.
  const moved = newEvent().id;
  const dropped = newEvent().id;
  const first = await post(ofOneOff(ONE_OFF, 2022));
  expect([first.status, first.headers.get('location')]).toEqual([201, `/events/${ONE_OFF}`]);
  expect(await get(ONE_OFF)).toMatchObject(JSON.parse(ofOneOff(ONE_OFF, 2022)));
  expect(await get(`${ONE_OFF}/status`)).toEqual({ id: ONE_OFF, status: 'SCHEDULED' });
  await post(ofOneOff(moved, 2022));
  await change(moved, { payload: 'eyJpZCI6Mn0=', scheduledAt: '2022-03-10T17:43:00Z' });
  await post(ofOneOff(dropped, 2022));
  expect((await cancel(dropped)).json).toMatchObject({ status: 'CANCELED', owner: 'legacy' });

  const created = await post(ofSeries(SERIES, 2025));
  expect([created.status, created.json.status]).toEqual([201, 'SCHEDULED']);
  const instances = await list(SERIES);
  expect(daysOf(instances)).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 24, 30]);
  const changed = instance(SERIES, 24, 2025);
  expect(instances[8]).toMatchObject({ id: changed, occurrence: 8, recurrenceId: SERIES });
  const put = await change(changed, { payload: 'aGkK', destinationTopic: OTHER_TOPIC });
  expect([put.status, put.json.id]).toEqual([200, changed]);
  expect((await cancel(instance(SERIES, 20, 2025))).status).toBe(200);
  expect(await inSql(SERIES)).toMatchObject([
    { id: SERIES, status: 'SCHEDULED', topic: TOPIC, payload: 'hello world\n', owner: 'legacy' },
    { id: instance(SERIES, 20, 2025), status: 'CANCELED', topic: TOPIC },
    { id: changed, status: 'SCHEDULED', topic: OTHER_TOPIC, payload: 'hi\n' },
  ]);

  startRelay();
  await untilFinal(stage, [ONE_OFF, moved, SERIES]);
  await stage.reader.drain();
  for (const [id, payload] of [
    [ONE_OFF, '{"id":1}'],
    [moved, '{"id":2}'],
  ] as const) {
    expect(await get(`${id}/status`)).toEqual({ id, status: 'PUBLISHED' });
    expect(await inSql(id)).toMatchObject([{ status: 'PUBLISHED', payload, owner: 'legacy' }]);
    expect(onTopics(id)).toEqual([[id, NOTIFICATIONS, payload]]);
  }
  expect(onTopics(dropped)).toEqual([]);
  expect(await inSql(dropped)).toMatchObject([{ status: 'CANCELED' }]);
  expect(onTopics(SERIES)).toEqual([
    ...[15, 16, 17, 18, 19, 21, 22].map((day) => [
      ...[instance(SERIES, day, 2025), TOPIC, 'hello world\n'],
    ]),
    [changed, OTHER_TOPIC, 'hi\n'],
    [instance(SERIES, 30, 2025), TOPIC, 'hello world\n'],
  ]);
  const published = await list(SERIES);
  expect(published.map(({ status }) => status)).toEqual(
    [15, 16, 17, 18, 19, 20, 21, 22, 24, 30].map((d) => (d === 20 ? 'CANCELED' : 'PUBLISHED')),
  );
  expect((await inSql(SERIES)).map(({ status }) => status)).toEqual([
    ...['PUBLISHED', 'CANCELED', 'PUBLISHED'],
  ]);
  // What is on the topic stays there, and a call that is repeated is the same call.
  expect((await change(changed, { payload: '' })).json).toMatchObject({ code: 'final' });
  expect((await cancel(SERIES)).json).toMatchObject({ code: 'final', detail: 'PUBLISHED' });
  expect((await cancel(instance(SERIES, 20, 2025))).status).toBe(200);
  expect((await post(ofSeries(SERIES, 2025))).status).toBe(200);
});

test('with dates to come: changed, trimmed, continued and canceled before anything goes out', async () => {
  startRelay();
  const [oneOff, series, rest] = [newEvent().id, newEvent().id, newEvent().id];
  expect((await post(ofOneOff(oneOff, 2035))).status).toBe(201);
  const later = await change(oneOff, { scheduledAt: '2035-03-10T17:43:00Z' });
  expect([later.status, later.json.status]).toEqual([200, 'SCHEDULED']);
  expect(await inSql(oneOff)).toMatchObject([
    { at: '2035-03-10T17:43:00Z', status: 'SCHEDULED', topic: NOTIFICATIONS },
  ]);
  expect((await cancel(oneOff)).json.status).toBe('CANCELED');
  expect((await cancel(oneOff)).status).toBe(200);
  expect(await inSql(oneOff)).toMatchObject([{ status: 'CANCELED' }]);

  const created = await post(ofSeries(series, 2035));
  expect([created.status, created.json.warnings]).toEqual([201, undefined]);
  expect(await get(series)).toMatchObject(JSON.parse(ofSeries(series, 2035)));

  // One instance.
  const one = instance(series, 24, 2035);
  const moved = { scheduledAt: '2035-04-24T12:00:00', endsAt: '2035-04-24T12:15:00' };
  expect((await change(one, { ...moved, destinationTopic: OTHER_TOPIC })).status).toBe(200);
  expect(await get(one)).toMatchObject({ ...moved, scheduledInstant: '2035-04-24T03:00:00Z' });
  expect(await inSql(series)).toMatchObject([
    { id: series, topic: TOPIC },
    { id: one, topic: OTHER_TOPIC, at: moved.scheduledAt, status: 'SCHEDULED' },
  ]);

  // From a date on: trimmed, and a new series for the rest.
  await change(series, { recurrence: 'RRULE:FREQ=DAILY;COUNT=4' });
  expect(daysOf(await list(series))).toEqual([15, 16, 17, 18]);
  await waitFor('the relay has deleted what is no occurrence any more', 20_000, async () => {
    return (await inSql(series)).length === 1;
  });
  const continued = ofSeries(rest, 2035)
    .replaceAll('-04-15T10', '-04-19T11')
    .replace(/RRULE.*(?="})/, 'RRULE:FREQ=DAILY;COUNT=6');
  expect((await post(continued)).status).toBe(201);
  expect((await list(rest)).map(({ scheduledAt }) => scheduledAt)).toEqual(
    [19, 20, 21, 22, 23, 24].map((day) => `2035-04-${day}T11:00:00`),
  );

  // All of it.
  await change(series, { payload: 'YWxsCg==', destinationTopic: OTHER_TOPIC });
  expect((await list(series)).map(({ payload }) => payload)).toEqual(Array(4).fill('YWxsCg=='));
  expect(await inSql(series)).toMatchObject([{ payload: 'all\n', topic: OTHER_TOPIC }]);

  // Canceled: one, from a date on, all.
  const gone = instance(series, 16, 2035);
  expect((await cancel(gone)).json).toMatchObject({ id: gone, status: 'CANCELED' });
  expect(await inSql(series)).toMatchObject([
    { id: series, status: 'SCHEDULED' },
    { id: gone, status: 'CANCELED' },
  ]);
  await change(rest, { recurrence: 'RRULE:FREQ=DAILY;UNTIL=20350421T020000Z' });
  expect(daysOf(await list(rest))).toEqual([19, 20, 21]);
  for (const id of [series, rest]) {
    expect((await cancel(id)).json).toMatchObject({ id, status: 'CANCELED' });
    expect(statusesOf(await list(id))).toEqual(new Set(['CANCELED']));
    expect(statusesOf(await inSql(id))).toEqual(new Set(['CANCELED']));
  }

  // Nothing of all that is on the topics, whereas something due goes out.
  const due = newEvent().id;
  await post(ofOneOff(due, 2022));
  await untilFinal(stage, [due]);
  await stage.reader.drain();
  expect(onTopics(due)).toHaveLength(1);
  for (const id of [oneOff, series, rest]) {
    expect(onTopics(id)).toEqual([]);
  }
});
