import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { withAdmin } from '../harness/kafka.ts';
import {
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  timesSeen,
} from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('ledger-lost');
  const ids = await schedule(stage, { count: 40 });
  const relay = stage.relay();
  await expectPublishedOnce(stage, ids);
  await relay.stop();
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

async function loseLedger(): Promise<void> {
  const groups = [0, 1, 2, 3].map((lane) => `${stage.deployment}-lane-${lane}`);
  await withAdmin(stage.brokers, (admin) => admin.deleteGroups(groups));
}

async function untilQuarantined(): Promise<void> {
  await waitFor('every lane is quarantined', 20_000, async () => {
    const lanes = await query<{ quarantine_reason: string | null }>(
      stage.database.url,
      'select quarantine_reason from scheduler.lanes',
    );
    return lanes.every((lane) => lane.quarantine_reason === 'the ledger is gone');
  });
}

async function decide(decision: 'confirm' | 'discard'): Promise<void> {
  await query(
    stage.database.url,
    'select scheduler.resolve_quarantine(lane, $1) from scheduler.lanes',
    [decision],
  );
}

test('a lost ledger is not read as “never published”: quarantine, nothing is sent, and the operator lets it go on', async () => {
  await loseLedger();
  const ids = await schedule(stage, { count: 40 });
  stage.relay();
  await untilQuarantined();
  await stage.reader.drain();
  expect(ids.filter((id) => timesSeen(stage).has(id))).toEqual([]);
  await decide('discard');
  await expectPublishedOnce(stage, ids);
});

test('what was on the topics when the ledger got lost is not sent again: the operator confirms it', async () => {
  const ids = await schedule(stage, { count: 40, key: 'one lane' });
  await stage.relay({ killAt: 'committed' }).exited;
  await loseLedger();
  stage.relay();
  await untilQuarantined();
  expect((await statesOf(stage, ids)).filter(({ status }) => status !== 'SCHEDULED')).toEqual([]);
  await decide('confirm');
  await expectPublishedOnce(stage, ids);
});

test('what was not on the topics when the ledger got lost is sent once the operator discards the batch', async () => {
  const ids = await schedule(stage, { count: 40, key: 'one lane' });
  await stage.relay({ killAt: 'claimed' }).exited;
  await loseLedger();
  stage.relay();
  await untilQuarantined();
  await decide('discard');
  await expectPublishedOnce(stage, ids);
});
