import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { type RelayProcess, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('sharing');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

/** How many lanes each of the relays owns, by the database. */
async function lanesOf(relays: RelayProcess[]): Promise<number[]> {
  const rows = await query<{ relay: string | null }>(
    stage.database.url,
    'select relay from scheduler.lanes',
  );
  return relays.map(
    ({ pid }) => rows.filter(({ relay }) => relay?.endsWith(`:${pid}`) === true).length,
  );
}

async function untilShares(relays: RelayProcess[], shares: number[]): Promise<void> {
  await waitFor(`lanes are shared ${shares}`, 20_000, async () => {
    const owned = (await lanesOf(relays)).sort();
    return owned.join() === shares.join();
  });
}

test('two relays get two lanes each and publish some thousand events once, both of them', async () => {
  const relays = [stage.relay(), stage.relay()];
  await untilShares(relays, [2, 2]);
  const before = relays.map(confirmed);
  const ids = [
    ...(await schedule(stage, { count: 3_000 })),
    ...(await schedule(stage, { count: 1_000 })),
  ];
  await expectPublishedOnce(stage, ids);
  relays.forEach((relay, index) => {
    expect(confirmed(relay)).toBeGreaterThan(before[index] ?? 0);
  });
});

test('while events flow a third relay gets a lane, one leaves and its lanes move on: nothing lost, nothing twice', async () => {
  const settings = { BATCH_EVENTS: '50' };
  const [first, second] = [stage.relay({ settings }), stage.relay({ settings })];
  await untilShares([first, second], [2, 2]);
  const ids = await schedule(stage, { count: 1_500 });
  const third = stage.relay({ settings });
  await untilShares([first, second, third], [1, 1, 2]);
  ids.push(...(await schedule(stage, { count: 1_500 })));
  expect(await second.stop()).toEqual({ code: 0, signal: null });
  await untilShares([first, third], [2, 2]);
  ids.push(...(await schedule(stage, { count: 500 })));
  await expectPublishedOnce(stage, ids);
});

test('more relays than lanes: each lane has one owner, and the idle relay takes over from a killed one', async () => {
  const relays = Array.from({ length: 5 }, () => stage.relay());
  await Promise.all(relays.map(untilReady));
  await untilShares(relays, [0, 1, 1, 1, 1]);
  const owned = await lanesOf(relays);
  relays[owned.indexOf(1)]?.kill('SIGKILL');
  const ids = await schedule(stage, { count: 200 });
  await expectPublishedOnce(stage, ids);
  await untilShares(relays, [0, 1, 1, 1, 1]);
});

function confirmed(relay: RelayProcess): number {
  return relay.steps.filter((step) => step === 'confirmed').length;
}
