import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('order', { topics: 1 });
});

afterAll(() => stage?.close());

/** Events of several keys whose instants, all past, are in another order than they are stored. */
async function scheduleShuffled(keys: string[], each: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_events((
      select array_agg(row(null, format('2022-03-09T%s:%sZ', lpad((n / 3600)::text, 2, '0'),
          to_char(make_interval(secs => n % 3600), 'MI:SS')), null, convert_to(n::text, 'UTF8'), $2,
        null, null, null, null, null, null, k, null)::scheduler.event_input order by random())
      from unnest($1::text[]) k, generate_series(1, $3) n))`,
    [keys, stage.topics[0], each],
  );
  return rows.map((row) => row.id);
}

function valuesOfKey(key: string): number[] {
  return stage.reader.messages
    .filter((message) => message.key === key)
    .map((message) => Number(message.value.toString()));
}

test('messages of one key arrive by their instants, over many batches and a kill of the relay between them', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const ids = await scheduleShuffled(keys, 150);
  const settings = { BATCH_EVENTS: '40' };
  const killed = stage.relay({ settings, killAt: 'sent', after: 6 });
  await killed.exited;
  await untilReady(stage.relay({ settings }));
  await expectPublishedOnce(stage, ids);
  const expected = Array.from({ length: 150 }, (_, index) => index + 1);
  for (const key of keys) expect(valuesOfKey(key)).toEqual(expected);
});
