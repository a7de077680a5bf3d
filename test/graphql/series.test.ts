import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from '../api/harness.ts';
import { daily, seriesClient } from '../api/series/series.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const { create, list, get } = seriesClient(() => it);
const schedule = (input: Json) =>
  it.graphql(
    `mutation ($input: ScheduleEventInput!) {
      scheduleEvent(input: $input) { created warnings { code detail } event { id recurrence } } }`,
    { input },
  );
const replace = (id: string, event: Json) =>
  it.graphql(
    `mutation ($id: String!, $event: EventInput!) {
      replaceEvent(input: {id: $id, event: $event}) { event { id scheduledAt recurrenceId occurrence } } }`,
    { id, event },
  );

interface Page {
  readonly nodes: Json[];
  readonly edges: { cursor: string; node: Json }[];
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
}

async function instances(id: string, args: string): Promise<Page> {
  const { data, errors } = await it.graphql(
    `query ($id: String!) { event(id: $id) { instances(${args}) {
      nodes { id status occurrence scheduledAt } edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage endCursor } } } }`,
    { id },
  );
  expect(errors).toBeUndefined();
  return (data as { event: { instances: Page } }).event.instances;
}

test.each<[Json, string, string]>([
  [{ recurrence: 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' }, 'invalid_recurrence', 'recurrence'],
  [
    { recurrence: 'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30' },
    'invalid_recurrence',
    'recurrence',
  ],
  [
    { recurrence: 'RRULE:FREQ=DAILY', scheduledAt: '2020-01-01T00:00:00' },
    'many_past_occurrences',
    'missed',
  ],
])('a series is refused as in REST: %j', async (fields, code, field) => {
  const event = newEvent({ ...daily, endsAt: null, ...fields });
  const { hint, ...problem } = (await it.request('POST', '/events', event)).json;
  expect(problem).toMatchObject({ code, field });
  const extensions = { code, field, hint };
  expect((await schedule(event)).errors).toMatchObject([{ extensions }]);
  expect((await get(event.id)).status).toBe(404);
});

test('a change of a series is checked as in REST', async () => {
  const { id } = await create();
  const { errors } = await replace(id, {
    ...daily,
    recurrence: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
  });
  expect(errors).toMatchObject([
    { extensions: { code: 'invalid_recurrence', field: 'recurrence' } },
  ]);
});

test('a creation warns as in REST', async () => {
  const event = newEvent({ ...daily, recurrence: 'FREQ=DAILY;BYHOUR=11;COUNT=3', endsAt: null });
  const { data } = await schedule(event);
  const { warnings } = (await it.request('POST', '/events', { ...event, id: null })).json;
  expect(warnings).toMatchObject([{ code: 'start_not_matching' }]);
  expect(data).toMatchObject({ scheduleEvent: { created: true, warnings } });
});

test('a batch is checked and warns as in REST, each by its place', async () => {
  const odd = { recurrence: 'FREQ=DAILY;BYHOUR=11;COUNT=3', endsAt: null };
  const events = [newEvent(), newEvent({ ...daily, ...odd })];
  const batch = (given: Json[], fields: string) =>
    it.graphql(
      `mutation ($events: [EventInput!]!) { scheduleEvents(input: {events: $events}) {
        events { ${fields} } warnings { index code } } }`,
      { events: given },
    );
  const whole = await batch(events, 'id status payload scheduledInstant');
  expect(whole).toMatchObject({
    data: {
      scheduleEvents: {
        events: [
          {
            id: events[0]?.id,
            payload: events[0]?.payload,
            scheduledInstant: '2030-01-01T00:00:00Z',
          },
          { id: events[1]?.id, status: 'SCHEDULED' },
        ],
        warnings: [{ index: 1, code: 'start_not_matching' }],
      },
    },
  });
  const states = events.map(({ id }) => ({ id, status: 'SCHEDULED' }));
  expect(await batch(events, 'id status')).toEqual({
    data: { scheduleEvents: { events: states, warnings: [] } },
  });
  const bad = newEvent({ ...daily, recurrence: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' });
  const good = newEvent();
  expect((await batch([good, bad], 'id')).errors).toMatchObject([
    { extensions: { code: 'invalid_recurrence', field: '[1].recurrence' } },
  ]);
  expect((await get(good.id)).status).toBe(404);
});

test('the instances of a series are those of REST, page by page', async () => {
  const { id } = await create();
  const found: Json[] = [];
  for (let after = 'null'; ; ) {
    const page = await instances(id, `first: 4, after: ${after}`);
    expect(page.pageInfo.hasPreviousPage).toBe(after !== 'null');
    expect(page.edges.map(({ node }) => node.id)).toEqual(page.nodes.map((node) => node.id));
    found.push(...page.nodes);
    after = JSON.stringify(page.pageInfo.endCursor);
    if (!page.pageInfo.hasNextPage) break;
  }
  const ofRest = (await list(id)).map(({ id, status, occurrence, scheduledAt }) => {
    return { id, status, occurrence, scheduledAt };
  });
  expect(ofRest.length).toBe(10);
  expect(found).toEqual(ofRest);
});

test('instances of a window, after one of them', async () => {
  const { id } = await create();
  const window = 'from: "2035-04-16T10:00:00", to: "2035-04-18T10:00:00"';
  const { edges } = await instances(id, window);
  expect(edges.map(({ node }) => node.id)).toEqual([
    `${id}_20350416T010000Z`,
    `${id}_20350417T010000Z`,
  ]);
  const { nodes } = await instances(id, `${window}, after: "${edges[0]?.cursor}"`);
  expect(nodes.map((node) => node.id)).toEqual([`${id}_20350417T010000Z`]);
});

test('an instance is read, replaced and canceled by its id', async () => {
  const { id } = await create();
  const [moved, canceled] = [`${id}_20350416T010000Z`, `${id}_20350417T010000Z`];
  const { recurrence: _, ...event } = daily;
  const at = { scheduledAt: '2035-04-16T12:00:00', endsAt: null };
  expect(await replace(moved, { ...event, ...at })).toEqual({
    data: {
      replaceEvent: {
        event: { id: moved, scheduledAt: at.scheduledAt, recurrenceId: id, occurrence: 1 },
      },
    },
  });
  await it.graphql(`mutation { cancelEvent(input: {id: "${canceled}"}) { event { status } } }`);
  const read = await it.graphql(`{
    moved: event(id: "${moved.toUpperCase()}") { scheduledAt }
    canceled: event(id: "${canceled}") { status occurrence instances { nodes { id } } }
    plain: event(id: "${id}_20350418T010000Z") { status occurrence attempts { code } }
    none: event(id: "${id}_20350418T010001Z") { status } }`);
  expect(read).toEqual({
    data: {
      moved: { scheduledAt: at.scheduledAt },
      canceled: { status: 'CANCELED', occurrence: 2, instances: null },
      plain: { status: 'SCHEDULED', occurrence: 3, attempts: [] },
      none: null,
    },
  });
});

test.each<[string, string, string]>([
  ['first: 0', 'bad_request', 'first'],
  ['after: "bm9wZQ"', 'bad_request', 'after'],
  ['from: "soon"', 'invalid_date_time', 'from'],
  ['to: "2035-02-30T00:00:00"', 'invalid_date_time', 'to'],
])('instances(%s) are refused with the name of the argument', async (args, code, field) => {
  const { id } = await create();
  const answer = await it.graphql(`{ event(id: "${id}") { instances(${args}) { nodes { id } } } }`);
  expect(answer.errors).toMatchObject([{ extensions: { code, field } }]);
});

test('exceptions of a series are listed, and those of nothing else', async () => {
  const { id } = await create();
  const canceled = `${id}_20350417T010000Z`;
  await it.graphql(`mutation { cancelEvent(input: {id: "${canceled}"}) { event { id } } }`);
  const exceptions = 'exceptions { nodes { id status occurrence } }';
  const { data } = await it.graphql(`{
    series: event(id: "${id}") { ${exceptions} }
    instance: event(id: "${canceled}") { ${exceptions} }
    list: events(recurrenceId: "${id}") { nodes { id } } }`);
  expect(data).toEqual({
    series: { exceptions: { nodes: [{ id: canceled, status: 'CANCELED', occurrence: 2 }] } },
    instance: { exceptions: null },
    list: { nodes: [{ id: canceled }] },
  });
});

test('events are listed page by page, filtered as in REST', async () => {
  const topic = 'listed';
  const ids = [newEvent(), newEvent(), newEvent()].map(({ id }) => id).sort();
  for (const id of ids) {
    await it.request('POST', '/events', newEvent({ id, destinationTopic: topic }));
  }
  const page = async (args: string) => {
    const { data } = await it.graphql(`{ events(destinationTopic: "${topic}", ${args}) {
      nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } } }`);
    return (data as { events: Page }).events;
  };
  const first = await page('status: SCHEDULED, first: 2');
  expect(first.nodes.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first.pageInfo).toEqual({ hasNextPage: true, endCursor: first.edges[1]?.cursor });
  const second = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
  expect([second.nodes, second.pageInfo.hasNextPage]).toEqual([[{ id: ids[2] }], false]);
  const none = await page('from: "2030-01-01T00:00:01"');
  expect(none).toEqual({ nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } });
});

test('a preview is that of REST', async () => {
  const { scheduledAt, timezone, recurrence } = daily;
  const given = { scheduledAt, timezone, recurrence, from: '2035-04-20T00:00:00' };
  const rest = await it.request('POST', '/recurrence/preview', { ...given, limit: 3 });
  const { data } = await it.graphql(
    `query ($scheduledAt: String!, $timezone: String, $recurrence: String!, $from: String) {
      previewRecurrence(scheduledAt: $scheduledAt, timezone: $timezone, recurrence: $recurrence, from: $from, first: 3) {
        occurrences complete warnings { code detail } } }`,
    given,
  );
  expect(rest.json.occurrences).toHaveLength(3);
  expect(data).toEqual({ previewRecurrence: rest.json });
  const refused = await it.graphql(
    '{ previewRecurrence(scheduledAt: "2035-01-01T00:00:00", recurrence: "FREQ=NEVER") { complete } }',
  );
  expect(refused.errors).toMatchObject([{ extensions: { code: 'invalid_recurrence' } }]);
});
