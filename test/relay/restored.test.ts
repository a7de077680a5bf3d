import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import type { LaneStep } from '../../relay/lane-context.ts';
import { copyOf, restore } from '../harness/copies.ts';
import { query } from '../harness/database.ts';
import { untilReady, untilStopped } from '../harness/relay.ts';
import {
  expectOnTopicsOnce,
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  timesSeen,
} from '../harness/stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await setStage('restored', { topics: 1 });
});

afterEach(() => stage?.close());

// So that neither a lapsed lease, with its new fence, nor a poll while nobody can connect is what helps.
const settings = { LEASE_SECONDS: '300', POLL_SECONDS: '300', BATCH_EVENTS: '20' };

/** Makes events that wait due, as if their time had come. */
async function makeDue(ids: string[]): Promise<void> {
  await query(
    stage.database.url,
    `update scheduler_private.events set scheduled_instant = now(), due_at = now() where id = any ($1)`,
    [ids],
  );
  await query(stage.database.url, `select scheduler_private.tick()`);
}

/** Events of the lanes that have some of these, as long as those lanes are not quarantined. */
async function flowing(ids: string[]): Promise<number> {
  const rows = await query(
    stage.database.url,
    `select from scheduler_private.events e join scheduler_private.lanes l using (lane)
     where e.id = any ($1) and l.quarantined_at is null`,
    [ids],
  );
  return rows.length;
}

const later = '2100-01-01T00:00:00Z';

/** All that an older copy has not heard of is on the topic already; it may not be sent again. */
async function expectQuarantined(ids: string[]): Promise<void> {
  await waitFor('every lane of theirs is quarantined', 20_000, async () => {
    return (await flowing(ids)) === 0;
  });
  await expectOnTopicsOnce(stage, ids);
}

test('a database that is restored from an older copy under a relay that idles is not taken for the one that it knows', async () => {
  const relay = stage.relay({ settings });
  await untilReady(relay);
  await expectPublishedOnce(stage, await schedule(stage, { count: 40 }));
  const ids = await schedule(stage, { count: 40, at: later });
  const copy = await copyOf(stage.database);
  await makeDue(ids);
  await expectPublishedOnce(stage, ids);

  await restore(stage.database, copy);
  await makeDue(ids);
  await expectQuarantined(ids);
});

test.each<LaneStep>(['claimed', 'committed'])(
  'a database that is restored from an older copy in the course of a batch (%s) is not taken for the one that it knows',
  async (step) => {
    const warmed = stage.relay({ settings });
    await untilReady(warmed);
    await expectPublishedOnce(stage, await schedule(stage, { count: 40 }));
    await warmed.stop();
    const ids = await schedule(stage, { count: 60, at: later, key: 'one lane' });
    const relay = stage.relay({ settings, stopAt: step, after: 1 });
    await untilReady(relay);
    const copy = await copyOf(stage.database);
    await makeDue(ids);
    await untilStopped(relay);
    // The first of three batches is on the topic; the second is under way and gets there.
    await restore(stage.database, copy);
    await makeDue(ids);
    relay.kill('SIGCONT');
    await waitFor('the lane is quarantined', 20_000, async () => (await flowing(ids)) === 0);
    await stage.reader.drain();
    const seen = timesSeen(stage);
    const times = ids.map((id) => seen.get(id) ?? 0);
    expect(Math.max(...times)).toBe(1);
    expect(times.filter((n) => n === 1)).toHaveLength(40);
  },
);

test('a database that was restored when nothing had been published since the copy goes on by itself', async () => {
  await untilReady(stage.relay({ settings }));
  await expectPublishedOnce(stage, await schedule(stage, { count: 40 }));
  const ids = await schedule(stage, { count: 40, at: later });
  await restore(stage.database, await copyOf(stage.database));
  await makeDue(ids);
  await expectPublishedOnce(stage, ids);
});
