import { afterAll, beforeAll, expect, test } from 'vitest';
import { readErrorCodes } from '../../api/database.ts';
import { ErrorCatalogue } from '../../api/errors.ts';
import { Creations } from '../../api/events/creations.ts';
import type { GivenEvent } from '../../api/events/given-event.ts';
import { statementsFor } from '../../api/events/statements.ts';
import { schemaVersion } from '../../db/schema-version.ts';
import { newEvent, type TestApi, testApi } from './harness.ts';
import { watchedPool } from './watched-pool.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const create = (event: unknown) => it.request('POST', '/events', event);

test('what is created while two creations are being stored is stored together, in one statement', async ({
  onTestFinished,
}) => {
  const { pool, whole, names, end } = watchedPool(it.database.apiUrl);
  onTestFinished(end);
  const errors = new ErrorCatalogue(await readErrorCodes(whole));
  const creations = new Creations(pool, statementsFor(schemaVersion), errors);
  const caller = { identity: 'local', role: 'operator', expiresAt: null } as const;
  const { scheduledAt, destinationTopic } = newEvent() as unknown as GivenEvent;
  const given = { scheduledAt, destinationTopic, payload: Buffer.from('x') };
  const rows = await Promise.all(Array.from({ length: 20 }, () => creations.store(caller, given)));
  expect(names).toEqual(['schedule_event', 'schedule_event', 'schedule_events']);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(20);
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
