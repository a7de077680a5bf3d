import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilReady } from '../harness/relay.ts';
import {
  expectOnTopicsOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  timesSeen,
  untilFinal,
} from '../harness/stage.ts';

let stage: Stage;
let clients: pg.Client[] = [];

beforeAll(async () => {
  stage = await setStage('cancel-race');
  clients = Array.from(
    { length: 4 },
    () => new pg.Client({ connectionString: stage.database.url }),
  );
  for (const client of clients) await client.connect();
  await untilReady(stage.relay({ settings: { BATCH_EVENTS: '25' } }));
});

afterAll(async () => {
  for (const client of clients) await client.end();
  await stage?.close();
});

const byFunction = 'select status from scheduler.cancel_event($1)';
const byUpdate = `update scheduler_private.events set status = 'CANCELED' where id = $1 returning status`;

/** Some were canceled in time, and some were not. */
function wonByBoth(answers: readonly string[]): boolean {
  return answers.includes('CANCELED') && answers.some((answer) => answer !== 'CANCELED');
}

/** SQLSTATE of what refused a cancel, or CANCELED. */
async function cancel(client: pg.Client, sql: string, id: string): Promise<string> {
  try {
    const { rows } = await client.query(sql, [id]);
    return rows[0]?.status ?? 'nothing';
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? '') : String(error);
  }
}

/**
 * Schedules events that are due at once and cancels them at the same time, from several sides: at least
 * `count`, and more, until the answers are such that the race has been won by either side.
 */
async function race(
  sql: string,
  count: number,
  isBoth: (answers: readonly string[]) => boolean,
): Promise<{ ids: string[]; answers: string[] }> {
  const ids: string[] = [];
  const answers: string[] = [];
  while (ids.length < count || (!isBoth(answers) && ids.length < 10 * count)) {
    // Due while the cancels are under way: the claim goes through them from the oldest on.
    const soon = new Date(Date.now() + Math.random() * 40).toISOString();
    const batch = await schedule(stage, { count: 40, at: soon });
    ids.push(...batch);
    const todo = [...batch].sort(() => Math.random() - 0.5);
    await Promise.all(
      clients.map(async (client) => {
        for (let id = todo.pop(); id; id = todo.pop()) answers.push(await cancel(client, sql, id));
      }),
    );
  }
  await untilFinal(stage, ids);
  return { ids, answers };
}

/** Every one is either CANCELED and absent or PUBLISHED and there once. @returns how many of each */
async function outcomes(ids: string[]): Promise<{ canceled: number; published: number }> {
  const states = await statesOf(stage, ids);
  const canceled = states.filter(({ status }) => status === 'CANCELED').map(({ id }) => id);
  const published = states.filter(({ status }) => status === 'PUBLISHED').map(({ id }) => id);
  expect(canceled.length + published.length).toBe(ids.length);
  await expectOnTopicsOnce(stage, published);
  const seen = timesSeen(stage);
  expect(canceled.filter((id) => seen.has(id))).toEqual([]);
  return { canceled: canceled.length, published: published.length };
}

test.each([
  ['scheduler.cancel_event', byFunction],
  ['a superuser’s plain UPDATE', byUpdate],
])(
  '400 cancels by %s race with the claim: never both CANCELED and on the topic',
  async (_name, sql) => {
    const { ids, answers } = await race(sql, 400, wonByBoth);
    const { canceled, published } = await outcomes(ids);
    expect(answers.filter((answer) => answer === 'CANCELED')).toHaveLength(canceled);
    // final, in_flight; or the row's own constraints say that it is published already.
    const known = ['SC041', 'SC042', ...(sql === byUpdate ? ['23514'] : [])];
    const refusals = new Set(answers.filter((answer) => answer !== 'CANCELED'));
    expect([...refusals].filter((answer) => !known.includes(answer))).toEqual([]);
    // Otherwise this test has proved nothing.
    expect(canceled).toBeGreaterThan(0);
    expect(published).toBeGreaterThan(0);
    expect(refusals.size).toBeGreaterThan(0);
  },
);

test('200 cancels under REPEATABLE READ, whose snapshot would hide a claim, are refused and all is published', async () => {
  for (const client of clients) {
    await client.query(`set default_transaction_isolation = 'repeatable read'`);
  }
  try {
    const { ids, answers } = await race(byFunction, 200, (all) => all.includes('SC044'));
    expect(await outcomes(ids)).toEqual({ canceled: 0, published: ids.length });
    // 40001: the row changed (was published) after the snapshot.
    expect(
      [...new Set(answers)].filter((code) => !['SC041', 'SC044', '40001'].includes(code)),
    ).toEqual([]);
    expect(answers).toContain('SC044');
  } finally {
    for (const client of clients) await client.query('reset default_transaction_isolation');
  }
});
