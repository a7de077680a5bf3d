import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from '../api/harness.ts';
import { type TestRelay, testRelay } from '../api/relay.ts';

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

test('an unknown id is null, and what is no id is refused', async () => {
  const answer = await it.graphql(`{
    unknown: event(id: "${randomUUID()}") { id }
    instance: event(id: "${randomUUID()}_20350416T010000Z") { id }
    nothing: event(id: "nope") { id } }`);
  expect(answer.data).toEqual({ unknown: null, instance: null, nothing: null });
  expect(answer.errors).toMatchObject([
    { path: ['nothing'], extensions: { code: 'invalid_id', field: 'id' } },
  ]);
});

test('cancelling works twice', async () => {
  const { id } = newEvent();
  await schedule(newEvent({ id }));
  const canceled = { data: { cancelEvent: { event: { id, status: 'CANCELED' } } } };
  expect(await cancel(id)).toEqual(canceled);
  expect(await cancel(id)).toEqual(canceled);
});

test('what GraphQL gives can be seen to be new', async () => {
  const event = newEvent();
  const created = (input: Json) =>
    it.graphql(
      `mutation ($input: ScheduleEventInput!) { scheduleEvent(input: $input) { clientMutationId created } }`,
      { input: { ...input, clientMutationId: 'mine' } },
    );
  const first = { data: { scheduleEvent: { clientMutationId: 'mine', created: true } } };
  expect(await created(event)).toEqual(first);
  expect(await created(event)).toMatchObject({ data: { scheduleEvent: { created: false } } });
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

test('attempts are listed with their event', async () => {
  const { id } = newEvent();
  await schedule(newEvent({ id, scheduledAt: '2022-01-01T00:00:00Z' }));
  await it.dba.query(`begin; set local role scheduler_engine;
    insert into scheduler_private.attempts (event_id, attempt, attempted_at, code, message) values
      ('${id}', 2, '2035-01-01T00:00:01.5Z', 'unknown_topic', 'no'),
      ('${id}', 1, '2035-01-01T00:00:00Z', 'not_authorised', 'no');
    commit`);
  const answer = await it.graphql(
    `query ($id: String!) { event(id: $id) { attempts { attempt attemptedAt code message } } }`,
    { id },
  );
  expect(answer).toEqual({
    data: {
      event: {
        attempts: [
          {
            attempt: 1,
            attemptedAt: '2035-01-01T00:00:00Z',
            code: 'not_authorised',
            message: 'no',
          },
          {
            attempt: 2,
            attemptedAt: '2035-01-01T00:00:01.5Z',
            code: 'unknown_topic',
            message: 'no',
          },
        ],
      },
    },
  });
});

test('grants are given, listed page by page, and taken back', async () => {
  const change = (verb: string, topic: string) =>
    it.graphql(
      `mutation { ${verb}(input: {identity: "team", topic: "${topic}"}) { clientMutationId } }`,
    );
  for (const topic of ['a', 'b']) {
    expect((await change('grantTopic', topic)).errors).toBeUndefined();
  }
  const page = async (after: string | null) => {
    const { data } = await it.graphql(
      `query ($after: Cursor) { topicGrants(first: 2, after: $after) {
        nodes { identity topic prefix grantedBy } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    return (data as Json).topicGrants as { nodes: Json[]; pageInfo: Json };
  };
  const first = await page(null);
  expect(first.pageInfo.hasNextPage).toBe(true);
  const second = await page(first.pageInfo.endCursor as string);
  expect([...first.nodes, ...second.nodes].filter(({ identity }) => identity === 'team')).toEqual([
    { identity: 'team', topic: 'a', prefix: false, grantedBy: 'local' },
    { identity: 'team', topic: 'b', prefix: false, grantedBy: 'local' },
  ]);
  expect((await change('revokeTopic', 'b')).errors).toBeUndefined();
  expect(JSON.stringify(await page(first.pageInfo.endCursor as string))).not.toContain('"b"');
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
