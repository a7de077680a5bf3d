import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('connections');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

/** @returns how many connections were cut */
async function cut(name: string): Promise<number> {
  const rows = await query(
    stage.database.url,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name like $1 and datname = current_database()`,
    [name],
  );
  return rows.length;
}

const listener = 'scheduler relay listener';

async function listens(): Promise<boolean> {
  const rows = await query(
    stage.database.url,
    `select from pg_stat_activity where application_name = $1 and datname = current_database()
       and state = 'idle' and query like '%LISTEN%'`,
    [listener],
  );
  return rows.length === 1;
}

test('after its LISTEN connection was cut a relay catches up with what was notified meanwhile, and listens again', async () => {
  // Far apart, so that the fallback poll cannot hide a deaf relay from this test.
  await untilReady(stage.relay({ settings: { POLL_SECONDS: '300' } }));
  await expectPublishedOnce(stage, await schedule(stage, { count: 20 }));
  await waitFor('it listens', 10_000, listens);
  expect(await cut(listener)).toBe(1);
  const meanwhile = await schedule(stage, { count: 20 });
  await expectPublishedOnce(stage, meanwhile, 15_000);
  await waitFor('it listens again', 10_000, listens);
  await expectPublishedOnce(stage, await schedule(stage, { count: 20 }), 15_000);
});

test('lane connections that are cut again and again in mid-burst lose and repeat nothing, and cost no attempts', async () => {
  const ids = await schedule(stage, { count: 3_000 });
  const relay = stage.relay({ settings: { BATCH_EVENTS: '10' } });
  let cuts = 0;
  for (let round = 0; round < 12; round += 1) {
    const before = relay.steps.length;
    await waitFor('it goes on', 20_000, () => relay.steps.length > before + 60);
    cuts += await cut('scheduler relay lane %');
  }
  expect(cuts).toBeGreaterThan(24);
  await expectPublishedOnce(stage, ids);
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
});
