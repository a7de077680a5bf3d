import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statementsFor } from '../../api/events/statements.ts';
import { Statuses } from '../../api/events/statuses.ts';
import type { Caller } from '../../api/identity/caller.ts';
import { schemaVersion } from '../../db/schema-version.ts';
import { newEvent, type TestApi, testApi } from './harness.ts';
import { watchedPool } from './watched-pool.ts';

let it: TestApi;
beforeAll(async () => {
  it = await testApi();
});
afterAll(() => it.close());

const caller = (identity: string, role: Caller['role']) => ({ identity, role, expiresAt: null });

async function create(): Promise<string> {
  const event = newEvent();
  expect((await it.request('POST', '/events', event)).status).toBe(201);
  return event.id;
}

test('what one caller asks while two statements of his are under way is read in one, and others see none of it', async ({
  onTestFinished,
}) => {
  const { pool, names, end } = watchedPool(it.database.apiUrl);
  onTestFinished(end);
  const statuses = new Statuses(pool, statementsFor(schemaVersion));
  const ids = [await create(), await create(), randomUUID()];
  const asked = Array.from({ length: 12 }, (_, index) => ids[index % 3] ?? '');
  const of = (who: Caller) => Promise.all(asked.map((id) => statuses.read(who, id)));
  const [owner, reader, stranger] = await Promise.all([
    of(caller('local', 'operator')),
    of(caller('corp:rita', 'reader')),
    of(caller('corp:bob', 'producer')),
  ]);
  expect(names).toEqual(Array(9).fill('read_statuses'));
  const seen = asked.map((id) => (id === ids[2] ? null : { id, status: 'SCHEDULED' }));
  expect([owner, reader]).toEqual([seen, seen]);
  expect(stranger).toEqual(asked.map(() => null));
});

test('when it cannot be read, everybody who asked is told, and who asks later is answered', async ({
  onTestFinished,
}) => {
  const { pool, end } = watchedPool(it.database.apiUrl);
  onTestFinished(end);
  const failing = { isDown: true };
  const query = ((...args: Parameters<typeof pool.query>) =>
    failing.isDown ? Promise.reject(new Error('away')) : pool.query(...args)) as typeof pool.query;
  const statuses = new Statuses({ query }, statementsFor(schemaVersion));
  const id = await create();
  const operator = caller('local', 'operator');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => statuses.read(operator, id)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  failing.isDown = false;
  expect(await statuses.read(operator, id)).toEqual({ id, status: 'SCHEDULED' });
});
