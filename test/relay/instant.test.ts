import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, setStage, untilFinal } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('instant');
  await untilReady(stage.relay());
});

afterAll(() => stage?.close());

/** Events spread over some 100 ms of the near future, by the clock of the database. */
async function scheduleAhead(count: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_events((
      select array_agg(row(null, scheduler_private.format_moment(null,
          clock_timestamp() + make_interval(secs => 0.15 + 0.4 * random()), false), null, 'x',
        ($1::text[])[1 + n % cardinality($1::text[])],
        null, null, null, null, null, null, null, null)::scheduler.event_input)
      from generate_series(1, $2) n))`,
    [stage.topics, count],
  );
  return rows.map((row) => row.id);
}

/** ms by which each message was ahead of (negative) or behind its instant, as the consumer had it. */
function lateness(ids: string[], when: 'at' | 'timestamp'): number[] {
  return stage.reader.messages
    .filter((message) => ids.includes(message.headers.ce_id ?? ''))
    .map((message) => message[when] - Date.parse(message.headers.ce_time ?? ''));
}

test.each(['0', '20 milliseconds', '500 milliseconds'])(
  'with a look-ahead of %s nothing is visible before its instant, and all of it once',
  async (lookAhead) => {
    const { url } = stage.database;
    await query(url, 'update scheduler_private.settings set look_ahead = $1', [lookAhead]);
    const ids: string[] = [];
    for (let round = 0; round < 8; round++) {
      const some = await scheduleAhead(20);
      await untilFinal(stage, some);
      ids.push(...some);
    }
    await expectPublishedOnce(stage, ids);
    const late = lateness(ids, 'at');
    expect(late).toHaveLength(ids.length);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    // Not a measurement: a poll (1 s) or a retry in the way would show here.
    expect(late.sort((a, b) => a - b)[late.length >> 1]).toBeLessThan(500);
  },
);

test('with a look-ahead the timestamp says when it was published, not when its transaction was filled', async () => {
  const { url } = stage.database;
  await query(url, `update scheduler_private.settings set look_ahead = '500 milliseconds'`);
  const ids = await scheduleAhead(40);
  await expectPublishedOnce(stage, ids);
  expect(Math.min(...lateness(ids, 'timestamp'))).toBeGreaterThanOrEqual(0);
});
