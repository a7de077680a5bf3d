import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

async function overRest(event: Json): Promise<Json> {
  return told((await it.request('POST', '/events', event)).json);
}

async function overPreview({ scheduledAt, recurrence }: Json): Promise<Json> {
  return told((await it.request('POST', '/recurrence/preview', { scheduledAt, recurrence })).json);
}

async function overGraphql(event: Json): Promise<Json> {
  const { errors } = await it.graphql(
    'mutation ($input: ScheduleEventInput!) { scheduleEvent(input: $input) { event { id } } }',
    { input: event },
  );
  const [{ message, extensions }] = errors as [{ message: string; extensions: Json }];
  return told({ ...extensions, detail: message.slice(message.indexOf(': ') + 2) });
}

async function overSql({ id, scheduledAt, destinationTopic, recurrence }: Json): Promise<Json> {
  const error: unknown = await it.dba
    .query(
      `select scheduler.schedule_event(id => $1, scheduled_at => $2, payload => '', destination_topic => $3, recurrence => $4)`,
      [id, scheduledAt, destinationTopic, recurrence],
    )
    .catch((reason: unknown) => reason);
  if (!(error instanceof pg.DatabaseError)) throw error;
  const { constraint: code, column: field, detail, hint } = error;
  return told({ code, field, detail, hint });
}

function told({ code, field, detail, hint }: Json): Json {
  return { code, field, detail, hint };
}

test.each([
  ['daily', /^recurrence has the line "daily"\. /],
  ['RRULE:FREQ=FORTNIGHTLY', /^FREQ is "FORTNIGHTLY"\. Write one of YEARLY, /],
  ['RRULE:FREQ=DAILY;BYHOUR=9,24', /^BYHOUR has "24"\. Write whole numbers from 0 to 23/],
  ['RRULE:FREQ=WEEKLY;BYMONTHDAY=1', /^BYMONTHDAY stands in a WEEKLY rule\. /],
  ['DTSTART:20250415T100000\nRRULE:FREQ=DAILY', /^DTSTART is not taken here\. /],
  ['RDATE;TZID=Asia/Tokio:20250415T100000', /^TZID of RDATE is "Asia\/Tokio", no known time zone/],
  ['FREQ=DAILY;COUNT=ü"\n\\', /^recurrence has "FREQ=DAILY;COUNT=ü\\""\. /],
  ['x'.repeat(1_000_000), /^recurrence has 1000000 characters\. /],
])('%.40s is refused in the same words at every door', async (recurrence, words) => {
  const event = newEvent({ recurrence });
  const rest = await overRest(event);
  expect(rest).toMatchObject({
    code: 'invalid_recurrence',
    field: 'recurrence',
    detail: expect.stringMatching(words),
    hint: expect.stringMatching(/RFC 5545/),
  });
  expect(await overGraphql(event)).toEqual(rest);
  expect(await overSql(event)).toEqual(rest);
  expect(await overPreview(event)).toEqual(rest);
});

test('in a batch the event is named', async () => {
  const { errors } = await it.graphql(
    `mutation ($events: [EventInput!]!) { scheduleEvents(input: {events: $events}) { events { id } } }`,
    { events: [newEvent(), newEvent({ recurrence: 'FREQ=DAILY;COUNT=0' })] },
  );
  expect(errors).toMatchObject([
    { extensions: { code: 'invalid_recurrence', field: '[1].recurrence' } },
  ]);
});

test('a recurrence without an occurrence is refused, with the same words in a preview', async () => {
  const event = newEvent({ recurrence: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' });
  const rest = await overRest(event);
  expect(rest).toMatchObject({ code: 'invalid_recurrence', field: 'recurrence' });
  expect(await overPreview(event)).toEqual(rest);
});
