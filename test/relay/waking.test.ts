import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

// The database of this file has no pg_cron: nothing ticks unless a test does.
let stage: Stage;

beforeAll(async () => {
  stage = await setStage('waking', { topics: 1 });
  // What is due later than this notifies nobody.
  await query(
    stage.database.url,
    `update scheduler_private.settings set horizon = '1 millisecond'`,
  );
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

const inTime = (ms: number) => new Date(Date.now() + ms).toISOString();
const rarely = { POLL_SECONDS: '300' };

test('without pg_cron and notification an event that a relay knows of goes out at its instant, by the relay’s own timer', async () => {
  const ids = await schedule(stage, { count: 8, at: inTime(2_500) });
  await untilReady(stage.relay({ settings: rarely }));
  await expectPublishedOnce(stage, ids, 15_000);
});

test('without pg_cron an event that nobody notified goes out by the fallback poll', async () => {
  const relay = stage.relay({ settings: { POLL_SECONDS: '0.5' } });
  await untilReady(relay);
  await expectPublishedOnce(stage, await schedule(stage, { count: 8 }), 15_000);
  const ids = await schedule(stage, { count: 8, at: inTime(700) });
  await expectPublishedOnce(stage, ids, 15_000);
});

test('a tick wakes the lanes for what nobody notified', async () => {
  const relay = stage.relay({ settings: rarely });
  await untilReady(relay);
  // Idle and deaf to what follows: each lane has found nothing and sleeps for minutes.
  await expectPublishedOnce(stage, await schedule(stage, { count: 40, at: inTime(-1) }), 15_000);
  const ids = await schedule(stage, { count: 8, at: inTime(400) });
  await query(stage.database.url, 'select pg_sleep(0.6)');
  const due = await statesOf(stage, ids);
  expect(due.map(({ status }) => status)).toEqual(Array(8).fill('SCHEDULED'));
  const [ticked] = await query<{ lanes: number }>(
    stage.database.url,
    'select scheduler_private.tick() as lanes',
  );
  expect(ticked?.lanes).toBeGreaterThan(0);
  await expectPublishedOnce(stage, ids, 15_000);
});
