import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import {
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  timesSeen,
  untilFinal,
} from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('at-least-once');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

async function setMode(mode: 'at_least_once' | 'exactly_once'): Promise<void> {
  await query(stage.database.url, 'update scheduler_private.settings set delivery_mode = $1', [
    mode,
  ]);
}

const settings = { BATCH_EVENTS: '20', LEASE_SECONDS: '0.5' };

test('at least once: without a fault everything is published once and confirmed, in no transaction', async () => {
  await setMode('at_least_once');
  const relay = stage.relay({ settings });
  await untilReady(relay);
  await expectPublishedOnce(stage, await schedule(stage, { count: 200 }));
  expect(relay.steps).not.toContain('begun');
  expect(relay.steps).toContain('confirmed');
});

test.each(['claimed', 'sent'] as const)(
  'at least once: kill -9 after %s repeats at most what was open, under the same ce_id, and loses nothing',
  async (step) => {
    await setMode('at_least_once');
    const ids = await schedule(stage, { count: 100 });
    await stage.relay({ settings, killAt: step }).exited;
    stage.relay({ settings });
    await untilFinal(stage, ids);
    const states = await statesOf(stage, ids);
    expect(states.filter(({ status, retry }) => status !== 'PUBLISHED' || retry > 0)).toEqual([]);
    await stage.reader.drain();
    const seen = timesSeen(stage);
    expect(ids.filter((id) => !seen.has(id))).toEqual([]);
    const extra = ids.reduce((sum, id) => sum + (seen.get(id) ?? 0) - 1, 0);
    // Each of four lanes had one open batch at most.
    expect(extra).toBeLessThanOrEqual(80);
    stage.reader.messages.length = 0;
  },
);

test('switching modes both ways while events flow loses nothing, and without a fault repeats nothing', async () => {
  await setMode('exactly_once');
  const relay = stage.relay({ settings });
  await untilReady(relay);
  const ids: string[] = [];
  for (const mode of ['at_least_once', 'exactly_once', 'at_least_once', 'exactly_once'] as const) {
    ids.push(...(await schedule(stage, { count: 150 })));
    await setMode(mode);
    const before = relay.steps.length;
    ids.push(...(await schedule(stage, { count: 150 })));
    await waitFor('it goes on', 20_000, () => relay.steps.slice(before).includes('confirmed'));
  }
  await expectPublishedOnce(stage, ids);
});

test.each(['sent', 'committed'] as const)(
  'exactly once again after a time without: kill -9 after %s repeats nothing',
  async (step) => {
    await setMode('exactly_once');
    stage.reader.messages.length = 0;
    const ids = await schedule(stage, { count: 100 });
    await stage.relay({ settings, killAt: step }).exited;
    stage.relay({ settings });
    await expectPublishedOnce(stage, ids);
  },
);

test('a batch that was open when the mode changed is resolved by its own mode: committed exactly once, confirmed at least once', async () => {
  await setMode('exactly_once');
  stage.reader.messages.length = 0;
  const ids = await schedule(stage, { count: 40, key: 'one lane' });
  await stage.relay({ killAt: 'committed' }).exited;
  await setMode('at_least_once');
  stage.relay({ settings });
  await expectPublishedOnce(stage, ids);
});
