import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { untilReady, untilStopped } from '../harness/relay.ts';
import {
  expectOnTopicsOnce,
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
} from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('zombie');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

const settings = { BATCH_EVENTS: '20', LEASE_SECONDS: '0.5' };

const steps = ['init', 'claiming', 'claimed', 'begun', 'sent', 'committing', 'committed'] as const;

test.each(steps)(
  'a relay that sleeps beyond its lease at %s publishes nothing more when it wakes, and gets its fair share again',
  async (step) => {
    const ids = await schedule(stage, { count: 120 });
    const sleeper = stage.relay({ settings, stopAt: step });
    await untilStopped(sleeper);
    const other = stage.relay({ settings });
    await untilReady(other);
    await expectPublishedOnce(stage, ids);

    const before = sleeper.steps.length;
    sleeper.kill('SIGCONT');
    await waitFor('it gives up the lanes that it had and gets others', 20_000, async () => {
      const lanes = await query<{ relay: string | null }>(
        stage.database.url,
        'select relay from scheduler.lanes',
      );
      return lanes.filter(({ relay }) => relay?.endsWith(`:${sleeper.pid}`)).length === 2;
    });
    // What it had in hand when it fell asleep is done with: it has opened its new lanes.
    await waitFor('it works again', 20_000, () => {
      return sleeper.steps.slice(before).filter((one) => one === 'ledger-read').length >= 2;
    });
    await expectOnTopicsOnce(stage, ids);
    await expectPublishedOnce(stage, await schedule(stage, { count: 100 }));
    expect(sleeper.steps.slice(before)).toContain('confirmed');
  },
);
