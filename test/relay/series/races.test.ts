import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilReady } from '../../harness/relay.ts';
import { type Stage, setStage, statesOf } from '../../harness/stage.ts';
import { basicOf, scheduleSeries, startsOf, untilExpanded } from './series.ts';

let stage: Stage;
let clients: pg.Client[] = [];

beforeAll(async () => {
  stage = await setStage('series-races', { topics: 1 });
  clients = Array.from(
    { length: 4 },
    () => new pg.Client({ connectionString: stage.database.url }),
  );
  for (const client of clients) await client.connect();
  // A series that catches up by so few is open to changes between its batches.
  await untilReady(stage.relay({ settings: { BATCH_EVENTS: '5' } }));
});

afterAll(async () => {
  for (const client of clients) await client.end();
  await stage?.close();
});

const START = Date.parse('2022-03-09T17:43:00Z');
const EACH = 60;
const starts = Array.from({ length: EACH }, (_, n) => basicOf(START + n * 1000));
const recurrence = `RRULE:FREQ=SECONDLY;COUNT=${EACH}`;

/** `done`, or the SQLSTATE of what refused it. */
async function attempt(client: pg.Client, sql: string, values: unknown[]): Promise<string> {
  try {
    await client.query(sql, values);
    return 'done';
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code) return error.code;
    throw error;
  }
}

/** Its status, once it is not marked for expansion. */
async function expandedOrFinal(series: string): Promise<string> {
  return (await untilExpanded(stage, series)).status;
}

/** Tries changes of a series that catches up, again and again from several sides, until it is final. */
async function race(
  series: string,
  change: (client: pg.Client) => Promise<string>,
): Promise<Set<string>> {
  const answers = new Set<string>();
  await Promise.all(
    clients.map(async (client) => {
      // Whoever changes it all the time keeps it from being expanded at all.
      while ((await expandedOrFinal(series)) === 'SCHEDULED') answers.add(await change(client));
    }),
  );
  await stage.reader.drain();
  return answers;
}

test('cancels of instances race with the claim of their series: each is either CANCELED or on the topic once', async () => {
  const refusals = new Set<string>();
  const [canceled, published] = [new Set<string>(), new Set<string>()];
  // Until the race has been won by either side, and refused because of a claim.
  for (
    let round = 0;
    round < 10 && !(canceled.size && published.size && refusals.has('SC042'));
    round++
  ) {
    const id = await scheduleSeries(stage, { recurrence });
    const answers = await race(id, async (client) => {
      const instance = `${id}_${starts[Math.floor(Math.random() * EACH)]}`;
      const answer = await attempt(client, 'select from scheduler.cancel_event($1)', [instance]);
      if (answer === 'done') canceled.add(instance);
      return answer;
    });
    const gone = starts.filter((start) => canceled.has(`${id}_${start}`));
    const out = starts.filter((start) => !canceled.has(`${id}_${start}`));
    expect(startsOf(stage, id)).toEqual(out);
    for (const start of out) published.add(`${id}_${start}`);
    const states = await statesOf(
      stage,
      gone.map((start) => `${id}_${start}`),
    );
    expect(states.map(({ status }) => status)).toEqual(gone.map(() => 'CANCELED'));
    for (const answer of answers) refusals.add(answer);
  }
  // final, in_flight, or not among what is expanded.
  const known = ['done', 'SC030', 'SC041', 'SC042'];
  expect([...refusals].filter((answer) => !known.includes(answer))).toEqual([]);
  expect(canceled.size).toBeGreaterThan(0);
  expect(published.size).toBeGreaterThan(0);
  expect(refusals).toContain('SC042');
});

test('changes of a series’ rule race with its claim: its past goes out once each, by the rule of its time', async () => {
  const replace = `select from scheduler.replace_event($1, row(null, '2022-03-09T17:43:00Z', null, 'x', $2,
    null, $3, null, null, null, null, null, null)::scheduler.event_input)`;
  const all = new Set<string>();
  for (let round = 0; round < 10 && !(all.has('done') && all.has('SC042')); round++) {
    const id = await scheduleSeries(stage, { recurrence });
    let version = 0;
    const answers = await race(id, (client) => {
      version += 1;
      const changed = `RRULE:FREQ=SECONDLY;COUNT=${EACH + (version % 5)}`;
      return attempt(client, replace, [id, stage.topics[0], changed]);
    });
    expect(startsOf(stage, id)).toEqual(starts);
    expect(await statesOf(stage, [id])).toMatchObject([{ status: 'PUBLISHED' }]);
    for (const answer of answers) all.add(answer);
  }
  expect([...all].filter((answer) => !['done', 'SC041', 'SC042'].includes(answer))).toEqual([]);
  expect(all).toContain('done');
  expect(all).toContain('SC042');
});
