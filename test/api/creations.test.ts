import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEvent, type TestApi, testApi } from './harness.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const create = (event: unknown) => it.request('POST', '/events', event);

test('what is created at the same time is stored together', async () => {
  const events = Array.from({ length: 60 }, () => newEvent());
  const answers = await Promise.all(events.map(create));
  expect(answers.map(({ status, json }) => [status, json.id])).toEqual(
    events.map(({ id }) => [201, id]),
  );
  const { rows } = await it.dba.query<{ transactions: number }>(
    `select count(distinct created_at)::int as transactions from scheduler_private.events
     where id = any ($1)`,
    [events.map(({ id }) => id)],
  );
  expect(rows[0]?.transactions).toBeLessThan(30);
});

test('what is refused is refused alone, and says no index', async () => {
  const taken = newEvent();
  await create(taken);
  const events = Array.from({ length: 40 }, (_, index) => {
    if (index % 10 === 3) return newEvent({ destinationTopic: '..' });
    return index % 10 === 7 ? { ...taken, key: `other ${index}` } : newEvent();
  });
  const answers = await Promise.all(events.map(create));
  for (const [index, { status, json }] of answers.entries()) {
    const expected: Record<number, unknown[]> = {
      3: [400, 'invalid_topic', 'destinationTopic'],
      7: [409, 'id_taken', 'id'],
    };
    expect([index, status, json.code, json.field]).toEqual([
      index,
      ...(expected[index % 10] ?? [201, undefined, undefined]),
    ]);
  }
});

test('the same creation many times at once is one event', async () => {
  const event = newEvent();
  const answers = await Promise.all(Array.from({ length: 30 }, () => create(event)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(29);
});

test('large payloads are stored, too, when they come together', async () => {
  const payload = Buffer.alloc(600_000, 'x').toString('base64');
  const answers = await Promise.all(Array.from({ length: 8 }, () => create(newEvent({ payload }))));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
});
