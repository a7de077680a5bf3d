import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from './harness.ts';
import { type TestRelay, testRelay } from './relay.ts';

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

const FIELDS = `id scheduledAt scheduledInstant timezone payload destinationTopic endsAt gap overlap
  maxLateness key headers status retry lastError owner createdAt updatedAt publishedAt nextAt`;
const schedule = (input: Json) =>
  it.graphql(
    `mutation ($input: ScheduleEventInput!) { scheduleEvent(input: $input) { event { ${FIELDS} } } }`,
    { input },
  );
const cancel = (id: unknown) =>
  it.graphql('mutation ($id: String!) { cancelEvent(input: {id: $id}) { event { id status } } }', {
    id,
  });

test('an event that GraphQL schedules is the one that REST and GraphQL read', async () => {
  const event = newEvent({
    scheduledAt: '2030-11-03T01:30:00.000001-05:00',
    timezone: 'America/New_York',
    payload: '/+8=',
    headers: { a: 'b' },
    maxLateness: 'PT15M',
  });
  const scheduled = await schedule(event);
  const rest = (await it.request('GET', `/events/${event.id}`)).json;
  const { recurrence: _, missed: _m, recurrenceId: _r, occurrence: _o, ...shared } = rest;
  expect(scheduled).toEqual({ data: { scheduleEvent: { event: shared } } });
  expect(shared).toMatchObject({ ...event, scheduledInstant: '2030-11-03T06:30:00.000001Z' });
  const query = `query ($id: String!) { event(id: $id) { ${FIELDS} } }`;
  expect(await it.graphql(query, { id: event.id })).toEqual({ data: { event: shared } });
});

test('a creation may be repeated, also through the other door', async () => {
  const event = newEvent();
  await it.request('POST', '/events', event);
  expect(await schedule(event)).toMatchObject({ data: { scheduleEvent: { event: event } } });
});

test('an unknown id is null', async () => {
  expect(await it.graphql('{ event(id: "nope") { id } }')).toEqual({ data: { event: null } });
});

test('cancelling works twice', async () => {
  const { id } = newEvent();
  await schedule(newEvent({ id }));
  const canceled = { data: { cancelEvent: { event: { id, status: 'CANCELED' } } } };
  expect(await cancel(id)).toEqual(canceled);
  expect(await cancel(id)).toEqual(canceled);
});

test('many are scheduled, and one replaced', async () => {
  const [first, second] = [newEvent(), newEvent({ payload: '' })];
  const many = await it.graphql(
    `mutation ($events: [EventInput!]!) {
      scheduleEvents(input: {events: $events}) { events { id payload } } }`,
    { events: [first, second] },
  );
  expect(many).toMatchObject({
    data: { scheduleEvents: { events: [{ id: first.id }, { id: second.id, payload: '' }] } },
  });
  const replaced = await it.graphql(
    `mutation ($id: String!, $event: EventInput!) {
      replaceEvent(input: {id: $id, event: $event}) { event { id key } } }`,
    { id: first.id, event: { ...first, key: 'k' } },
  );
  expect(replaced).toEqual({ data: { replaceEvent: { event: { id: first.id, key: 'k' } } } });
});

test.each<[Json, string, string]>([
  [{ scheduledAt: 'soon' }, 'invalid_date_time', 'scheduledAt'],
  [{ timezone: 'PST' }, 'invalid_timezone', 'timezone'],
  [{ destinationTopic: '__x' }, 'invalid_topic', 'destinationTopic'],
  [{ payload: 'aGk' }, 'invalid_payload', 'payload'],
  [{ headers: { a: 1 } }, 'invalid_headers', 'headers.a'],
  [{ recurrence: 'RRULE:FREQ=DAILY;COUNT=0' }, 'invalid_recurrence', 'recurrence'],
])('%j is refused as in REST', async (fields, code, field) => {
  const event = newEvent(fields);
  const { errors } = await schedule(event);
  const { hint, ...problem } = (await it.request('POST', '/events', event)).json;
  expect(problem).toMatchObject({ code, field });
  expect(errors).toMatchObject([{ extensions: { code, field, hint } }]);
});

test('Base64 in the document is as strict as in variables', async () => {
  const { errors } = await it.graphql(`mutation { scheduleEvent(input: {
    scheduledAt: "2030-01-01T00:00:00Z", destinationTopic: "t", payload: "aGk" }) { event { id } } }`);
  expect(errors).toMatchObject([{ extensions: { code: 'invalid_payload', field: 'payload' } }]);
});

test('a NUL that a GraphQL string escapes is the error of the caller', async () => {
  const { errors } = await it.graphql(`mutation { scheduleEvent(input: {key: "\\u0000",
    scheduledAt: "2030-01-01T00:00:00Z", destinationTopic: "t", payload: "" }) { event { id } } }`);
  expect(errors).toMatchObject([{ extensions: { code: 'invalid_event' } }]);
});

test('what is in flight or final says so', async () => {
  const event = newEvent();
  await schedule(event);
  await relay.claimAll();
  expect((await cancel(event.id)).errors).toMatchObject([{ extensions: { code: 'in_flight' } }]);
  await relay.confirm();
  expect((await cancel(event.id)).errors).toMatchObject([
    { message: 'The event is final: PUBLISHED', extensions: { code: 'final', field: 'status' } },
  ]);
});

test('a failure of ours shows nothing of itself', async () => {
  await it.dba.query(`
    create function public.fail() returns trigger language plpgsql as
      $$ begin raise exception 'inner secret'; end $$;
    create trigger fail before insert on scheduler_private.events
      for each row when (new.destination_topic = 'fail') execute function public.fail();
    alter table scheduler_private.events enable always trigger fail;`);
  const answer = await schedule(newEvent({ destinationTopic: 'fail' }));
  expect(answer.errors).toMatchObject([{ extensions: { code: 'internal_error' } }]);
  expect(JSON.stringify(answer)).not.toContain('inner secret');
  expect(it.log.join('')).toContain('inner secret');
});

test('the schema has what callers need, and nothing of the inside', async () => {
  const { data } = await it.graphql(`{ __schema {
    queryType { fields { name args { name type { kind ofType { name } } } } }
    mutationType { fields { name } }
    types { name fields { name } inputFields { name } } } }`);
  const schema = (data as { __schema: Json }).__schema;
  expect(schema.queryType).toEqual({
    fields: [
      {
        name: 'event',
        args: [{ name: 'id', type: { kind: 'NON_NULL', ofType: { name: 'String' } } }],
      },
    ],
  });
  const { fields } = schema.mutationType as { fields: { name: string }[] };
  expect(fields.map(({ name }) => name).sort()).toEqual([
    'cancelEvent',
    'grantTopic',
    'replaceEvent',
    'revokeTopic',
    'scheduleEvent',
    'scheduleEvents',
  ]);
  const text = JSON.stringify(schema.types);
  expect(text).toContain('"name":"id"');
  expect(text).not.toMatch(/rowId|nodeId|contentHash|lane|identityRole|schemaVersion|private/i);
});

test('a document is bounded, variables are not', async () => {
  const many = Array.from({ length: 5000 }, (_, i) => `a${i}: event(id: "x") { id }`).join(' ');
  const answer = await it.request('POST', '/graphql', { query: `{ ${many} }` });
  expect([answer.status, answer.json.code]).toEqual([413, 'body_too_large']);
  const payload = Buffer.alloc(600_000).toString('base64');
  expect((await schedule(newEvent({ payload }))).errors).toBeUndefined();
});

test('people get an explorer in local mode', async () => {
  const page = await fetch(`${it.api.rest}/graphiql`);
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/html'),
  ]);
  expect(await page.text()).toContain('/ruru-static/');
});

test('there is no explorer where strangers may come', async () => {
  const open = await testApi({ database: it.database, anonymousIdentity: 'alice' });
  try {
    expect((await open.request('GET', '/graphiql')).status).toBe(404);
  } finally {
    await open.close();
  }
});
