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
  untilFinal,
} from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('clocks');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

/** A little more than what a broker takes (message.timestamp.after.max.ms, an hour). */
const HOUR = 61 * 60_000;

/** Events of the near future by the clock of the database, which is this machine's. */
async function scheduleAhead(count: number): Promise<string[]> {
  return schedule(stage, { count, at: new Date(Date.now() + 400).toISOString() });
}

/** ms by which the timestamps of messages are after their instant, and before they were had. */
function margins(ids: string[]) {
  const messages = stage.reader.messages.filter(({ headers }) => ids.includes(headers.ce_id ?? ''));
  expect(messages).toHaveLength(ids.length);
  return {
    afterInstant: Math.min(
      ...messages.map(({ timestamp, headers }) => timestamp - Date.parse(headers.ce_time ?? '')),
    ),
    beforeArrival: Math.min(...messages.map(({ timestamp, at }) => at - timestamp)),
    early: Math.min(...messages.map(({ at, headers }) => at - Date.parse(headers.ce_time ?? ''))),
  };
}

async function expectNoAttempts(ids: string[]): Promise<void> {
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
}

test.each([
  [HOUR, '0'],
  [-HOUR, '0'],
  [HOUR, '300 milliseconds'],
  [-HOUR, '300 milliseconds'],
])(
  'a relay whose clock is off by %i ms publishes at the instants of the database’s, and dates its messages by that (look-ahead %s)',
  async (clockShift, lookAhead) => {
    await query(stage.database.url, 'update scheduler_private.settings set look_ahead = $1', [
      lookAhead,
    ]);
    const relay = stage.relay({ clockShift });
    await untilReady(relay);
    const ids = await schedule(stage, { count: 20 });
    for (let round = 0; round < 3; round++) {
      const some = await scheduleAhead(20);
      await untilFinal(stage, some);
      ids.push(...some);
    }
    await expectPublishedOnce(stage, ids);
    await expectNoAttempts(ids);
    const { afterInstant, beforeArrival, early } = margins(ids);
    expect(early).toBeGreaterThanOrEqual(0);
    expect(afterInstant).toBeGreaterThanOrEqual(0);
    // Too late by what a claim took, at most, and by what is left of a whole millisecond.
    expect(beforeArrival).toBeGreaterThan(-100);
  },
);

test('a clock that steps to and fro by an hour in mid-burst costs no attempt and no publisher', async () => {
  const relay = stage.relay({ clockShift: 0, settings: { BATCH_EVENTS: '10' } });
  await untilReady(relay);
  const ids = await schedule(stage, { count: 2_000 });
  const batches = () => relay.steps.filter((step) => step === 'confirmed').length;
  for (const shift of [HOUR, -HOUR, 0, HOUR]) {
    const before = batches();
    await waitFor('it goes on', 20_000, () => batches() > before + 10);
    relay.setClock(shift);
  }
  expect(batches()).toBeLessThan(200);
  await expectPublishedOnce(stage, ids);
  await expectNoAttempts(ids);
  expect(margins(ids).beforeArrival).toBeGreaterThan(-100);
  // Nothing is taken for late because the clock says so.
  expect(relay.log.filter((line) => /timed out|no answer in/.test(line))).toEqual([]);
});
