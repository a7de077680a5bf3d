import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { type RelayProcess, residentBytes, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let stage: Stage;
let relay: RelayProcess;

beforeAll(async () => {
  stage = await setStage('idle');
  const name = new URL(stage.database.url).pathname.slice(1);
  await query(stage.database.url, `alter database ${name} set track_functions = 'pl'`);
  relay = stage.relay({ settings: { POLL_SECONDS: '0.5', BATCH_EVENTS: '1000' } });
  await untilReady(relay);
});

afterAll(() => stage?.close());

async function claims(): Promise<number> {
  const [row] = await query<{ calls: number }>(
    stage.database.url,
    `select calls::integer from pg_stat_user_functions where funcname = 'claim'`,
  );
  return row?.calls ?? 0;
}

test('an idle relay looks for work once per lane and poll, not more', async () => {
  await expectPublishedOnce(stage, await schedule(stage, { count: 40 }));
  const before = await waitFor(
    'its claims are counted',
    10_000,
    async () => (await claims()) || false,
  );
  const begun = performance.now();
  // Several polls of each lane have been counted.
  await waitFor('it polls', 20_000, async () => (await claims()) >= before + 40);
  const seconds = (performance.now() - begun) / 1_000;
  // Counts are published with a delay of up to a second: one poll more on each lane.
  expect(seconds).toBeGreaterThan(3.5);
});

test('a burst of 20,000 events goes out once each and leaves less than 150 MB in use', async () => {
  const ids: string[] = [];
  for (let part = 0; part < 4; part++) {
    ids.push(...(await schedule(stage, { count: 5_000, bytes: 200 })));
  }
  await expectPublishedOnce(stage, ids, 55_000);
  // What garbage is left is collected when it has been idle for a while (runtime/memory.ts).
  await waitFor('less than 150 MB are in use', 45_000, () => residentBytes(relay) < 150_000_000);
}, 120_000);
