import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilReady } from '../harness/relay.ts';
import {
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  untilFinal,
} from '../harness/stage.ts';

let stage: Stage;
let clients: pg.Client[] = [];

beforeAll(async () => {
  stage = await setStage('replace-race');
  clients = Array.from(
    { length: 4 },
    () => new pg.Client({ connectionString: stage.database.url }),
  );
  for (const client of clients) await client.connect();
  await untilReady(stage.relay({ settings: { BATCH_EVENTS: '25' } }));
});

afterAll(async () => {
  for (const client of clients) await client.end();
  await stage?.close();
});

interface Change {
  readonly id: string;
  readonly value: string;
  readonly at: string;
}

const byFunction = `select from scheduler.replace_event($1, row(null, $3, null,
  convert_to($2, 'UTF8'), '%', null, null, null, null, null, null, null, null)::scheduler.event_input)`;
const byUpdate = `update scheduler_private.event_contents set payload = convert_to($2, 'UTF8') where event_id = $1`;

/** @returns whether it was changed */
async function change(client: pg.Client, sql: string, { id, value, at }: Change): Promise<boolean> {
  try {
    await client.query(sql, sql.includes('$3') ? [id, value, at] : [id, value]);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && ['SC041', 'SC042'].includes(error.code ?? ''))
      return false;
    throw error;
  }
}

test.each([
  ['scheduler.replace_event', byFunction],
  ['a superuser’s plain UPDATE of the contents', byUpdate],
])(
  '500 changes of payloads by %s race with the claim: what arrives is what the last successful change said',
  async (_name, template) => {
    const topic = stage.topics[0] ?? '';
    const sql = template.replace('%', topic);
    const ids: string[] = [];
    const last = new Map<string, string>();
    const count = { done: 0, refused: 0 };
    for (let round = 0; round < 10; round++) {
      // From "due when it is stored" on, a little later each round: on any machine some rounds race.
      const soon = new Date(Date.now() + round * 12 + Math.random() * 15).toISOString();
      const batch = await schedule(stage, { count: 25, at: soon, topics: [topic] });
      ids.push(...batch);
      batch.forEach((id, index) => {
        last.set(id, String(index + 1).padEnd(8, '.'));
      });
      await Promise.all(
        clients.map(async (client, mine) => {
          // Each event belongs to one client, so that it is known which change was the last one.
          for (const id of batch.filter((_, index) => index % clients.length === mine)) {
            for (let version = 1; version <= 2; version++) {
              const value = `${id} version ${version}`;
              if (await change(client, sql, { id, value, at: soon })) {
                last.set(id, value);
                count.done++;
              } else count.refused++;
            }
          }
        }),
      );
      await untilFinal(stage, batch);
    }
    await expectPublishedOnce(stage, ids);
    const wrong = stage.reader.messages
      .filter(({ headers }) => last.has(headers.ce_id ?? ''))
      .filter(({ headers, value }) => value.toString() !== last.get(headers.ce_id ?? ''));
    expect(wrong.map(({ headers, value }) => [headers.ce_id, value.toString()])).toEqual([]);
    // Otherwise this test has proved nothing.
    expect(count.done).toBeGreaterThan(0);
    expect(count.refused).toBeGreaterThan(0);
  },
);
