import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, newEvent, type TestApi, testApi } from '../api/harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const hostile = [
  `'; drop table scheduler_private.events; --`,
  `' or '1'='1`,
  `\\'; select pg_sleep(60); --`,
  '$$; drop schema scheduler cascade; $$',
  '../../../../etc/passwd',
  '\u202e\ud83d\ude00',
];

const count = async () =>
  (await it.dba.query('select count(*)::int as n from scheduler_private.events')).rows[0].n;

/** Everything that could be broken in is still there. */
async function expectWhole(events: number): Promise<void> {
  expect(await count()).toBe(events);
  const grants = await it.dba.query(
    `select identity from scheduler.topic_grants where identity = 'local'`,
  );
  expect(grants.rows).toHaveLength(1);
}

describe('SQL in the text of a field', () => {
  test.each([
    ...['id', 'scheduledAt', 'timezone', 'destinationTopic', 'payload', 'endsAt', 'recurrence'],
    ...['gap', 'overlap', 'missed', 'maxLateness', 'status', 'headers'],
  ])('is refused in %s, which is named', async (field) => {
    const before = await count();
    for (const text of hostile) {
      const event = newEvent({ [field]: text });
      const { status, json } = await it.request('POST', '/events', event);
      expect([text, status, json.field]).toEqual([text, 400, field]);
      const { errors } = await it.graphql(
        'mutation ($event: ScheduleEventInput!) { scheduleEvent(input: $event) { event { id } } }',
        { event },
      );
      expect([text, errors]).toEqual([text, expect.any(Array)]);
    }
    await expectWhole(before);
  });

  test('is text in key and headers', async () => {
    const before = await count();
    for (const text of hostile) {
      const event = newEvent({ key: text, headers: { [text]: text } });
      const { status, json } = await it.request('POST', '/events', event);
      expect([status, json.key, json.headers]).toEqual([201, text, { [text]: text }]);
    }
    await expectWhole(before + hostile.length);
  });

  test('is an identity like any other to a grant', async () => {
    const before = await count();
    for (const text of hostile) {
      await it.graphql(
        'mutation ($text: String!) { grantTopic(input: { identity: $text, topic: $text }) { clientMutationId } }',
        { text },
      );
    }
    const { rows } = await it.dba.query('select identity from scheduler.topic_grants');
    expect(rows.map(({ identity }) => identity)).toEqual(expect.arrayContaining(hostile));
    await expectWhole(before);
  });

  test('is refused in paths and queries', async () => {
    const before = await count();
    const { id } = newEvent();
    for (const text of hostile.map(encodeURIComponent)) {
      const answers = [
        await it.request('GET', `/events/${text}`),
        await it.request('GET', `/events/${id}${text}`),
        await it.request('GET', `/events/${text}/status`),
        await it.request('PUT', `/events/${text}`, newEvent()),
        await it.request('PATCH', `/events/${text}/cancel`),
        await it.request('GET', `/events/${id}/instances?from=${text}`),
        await it.request('GET', `/events?status=${text}`),
        await it.request('GET', `/events?from=${text}`),
        await it.request('GET', `/events?cursor=${text}`),
        await it.request('GET', `/events?recurrenceId=${text}`),
      ];
      expect(answers.map(({ status }) => [400, 404].includes(status))).toEqual(
        answers.map(() => true),
      );
    }
    await expectWhole(before);
  });
});

test('a NUL, which PostgreSQL cannot store, is refused wherever it is', async () => {
  const before = await count();
  for (const fields of [
    { key: 'a\0b' },
    { headers: { a: '\0' } },
    { headers: { '\0': 'a' } },
    { timezone: 'UTC\0' },
    { destinationTopic: 'a\0' },
  ]) {
    const { status } = await it.request('POST', '/events', newEvent(fields));
    expect([fields, status]).toEqual([fields, 400]);
  }
  expect(await count()).toBe(before);
});

test('names that mean something to JavaScript mean nothing', async () => {
  const before = await count();
  const { id } = newEvent();
  for (const body of [
    `{"__proto__": {"role": "operator"}, "id": "${id}"}`,
    `{"constructor": {"prototype": {"role": "operator"}}, "id": "${id}"}`,
    `{"toString": 1, "id": "${id}"}`,
  ]) {
    expect((await it.request('POST', '/events', body, json)).status).toBe(400);
  }
  expect(({} as Json).role).toBeUndefined();
  expect(await count()).toBe(before);
});

const json = { 'content-type': 'application/json' };

describe('too much at once', () => {
  const many = 100_000;
  const nested = (open: string, close: string) => open.repeat(many) + close.repeat(many);
  const alive = async () => (await it.request('GET', '/health/live')).status;

  test.each([
    ['arrays', nested('[', ']')],
    ['objects', `${nested('{"a":', '')}1${'}'.repeat(many)}`],
    ['headers', `{"id":"${newEvent().id}","headers":${'{"a":'.repeat(many)}1${'}'.repeat(many)}}`],
    ['keys', `{${Array.from({ length: 20_000 }, (_, n) => `"k${n}":1`).join(',')}}`],
    ['open brackets', '['.repeat(many)],
    ['a number', `{"scheduledAt":${'9'.repeat(many)}}`],
    ['an open string', `{"id":"${'a'.repeat(many)}`],
  ])('%s in a body', async (_name, body) => {
    for (const path of ['/events', '/events/batch', '/recurrence/preview', '/graphql']) {
      const { status } = await it.request('POST', path, body, json);
      expect([path, status]).toEqual([path, 400]);
    }
    expect(await alive()).toBe(200);
  });

  test.each([
    ['nesting', `{${'a{'.repeat(20_000)}b${'}'.repeat(20_001)}`],
    ['lists', `{event(id: ${'['.repeat(40_000)}`],
    [
      'aliases',
      `{${Array.from({ length: 3_000 }, (_, n) => `a${n}: event(id: "x") { id }`).join(' ')}}`,
    ],
    [
      'fragments',
      `{...f0} ${Array.from({ length: 2_000 }, (_, n) => `fragment f${n} on Query {...f${n + 1} ...f${n + 1}}`).join(' ')} fragment f2000 on Query {__typename}`,
    ],
    ['a fragment within itself', '{...f} fragment f on Query {...f}'],
    ['directives', `{__typename ${'@include(if: true) '.repeat(4_000)}}`],
    ['introspection', `{__schema{types{${'fields{type{'.repeat(30)}name${'}}'.repeat(30)}}}}`],
  ])('%s in a GraphQL document', async (_name, query) => {
    const began = performance.now();
    const answer = await it.request('POST', '/graphql', { query });
    expect(answer.status).toBeLessThan(500);
    expect(answer.json.errors ?? answer.json.code).toBeDefined();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await alive()).toBe(200);
  });

  test('several GraphQL requests in one', async () => {
    const one = { query: '{ __typename }' };
    const { status } = await it.request('POST', '/graphql', [one, one]);
    expect(status).toBe(400);
  });
});
