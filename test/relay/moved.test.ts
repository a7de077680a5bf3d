import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('moved', { topics: 1 });
  await query(stage.database.url, `update scheduler_private.settings set look_ahead = '1 second'`);
  await untilReady(stage.relay());
});

afterAll(() => stage?.close());

const move = `update scheduler_private.events e set scheduled_instant = t, due_at = t
  from (select clock_timestamp() + make_interval(secs => 0.3 + 0.6 * random()) as t) moved
  where id = $1 and status = 'SCHEDULED'`;

/** Moves events about within the look-ahead until each of them is claimed. */
async function moveAbout(client: pg.Client, ids: string[]): Promise<void> {
  const left = new Set(ids);
  while (left.size > 0) {
    for (const id of left) {
      try {
        const { rowCount } = await client.query(move, [id]);
        if (rowCount === 0) left.delete(id);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError) || error.code !== 'SC042') throw error;
        left.delete(id);
      }
    }
  }
}

test('an event that is moved while it is claimed ahead is not visible before its new instant', async () => {
  const ids: string[] = [];
  const clients = Array.from({ length: 3 }, () => new pg.Client(stage.database.url));
  for (const client of clients) await client.connect();
  for (let round = 0; round < 3; round++) {
    const soon = new Date(Date.now() + 1_005).toISOString();
    const some = await schedule(stage, { count: 24, at: soon });
    ids.push(...some);
    await Promise.all(
      clients.map((client, mine) =>
        moveAbout(
          client,
          some.filter((_, n) => n % 3 === mine),
        ),
      ),
    );
  }
  for (const client of clients) await client.end();
  await expectPublishedOnce(stage, ids);
  const early = stage.reader.messages
    .map(({ at, headers }) => at - Date.parse(headers.ce_time ?? ''))
    .filter((late) => late < 0);
  expect(early).toEqual([]);
});
