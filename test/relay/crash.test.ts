import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LaneStep } from '../../relay/lane-context.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('crash');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

const settings = { BATCH_EVENTS: '20', LEASE_SECONDS: '0.5' };

/** Lets a relay be killed at a step while it has work. */
async function killAt(step: LaneStep, after = 0): Promise<void> {
  const { signal } = await stage.relay({ settings, killAt: step, after }).exited;
  expect(signal).toBe('SIGKILL');
}

/** Another relay takes over, does what is left and leaves. */
async function takeOver(ids: string[]): Promise<void> {
  const relay = stage.relay({ settings });
  await expectPublishedOnce(stage, ids);
  expect(await relay.stop()).toEqual({ code: 0, signal: null });
}

const steps: LaneStep[] = [
  'init',
  'barrier',
  'ledger-read',
  'claiming',
  'claimed',
  'begun',
  'ledger-entry',
  'part-sent',
  'sent',
  'committing',
  'committed',
  'confirmed',
];

test.each(steps)('kill -9 at %s: another relay publishes every event once', async (step) => {
  const ids = await schedule(stage, { count: 200 });
  await killAt(step);
  await takeOver(ids);
});

test.each(['sent', 'committed'] as const)(
  'kill -9 after the fifth %s, with several lanes under way: every event once',
  async (step) => {
    const ids = await schedule(stage, { count: 200 });
    await killAt(step, 4);
    await takeOver(ids);
  },
);

test('relays that die one after another while they resolve what the former left: every event once', async () => {
  const ids = await schedule(stage, { count: 200 });
  for (const step of ['committed', 'init', 'barrier', 'ledger-read', 'sent'] as const) {
    await killAt(step);
  }
  await takeOver(ids);
});

test('what was killed before its commit is not PUBLISHED until another relay has published it', async () => {
  const ids = await schedule(stage, { count: 40 });
  await killAt('sent');
  const states = await statesOf(stage, ids);
  const waiting = states.filter((state) => state.status === 'SCHEDULED' && state.retry === 0);
  expect(waiting.length).toBeGreaterThan(0);
  await takeOver(ids);
});
