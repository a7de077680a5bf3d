import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../../local/wait.ts';
import { query } from '../../harness/database.ts';
import { readTopics, testTopic } from '../../harness/kafka.ts';
import { type RelayProcess, untilReady } from '../../harness/relay.ts';
import { type Stage, setStage, statesOf, untilFinal } from '../../harness/stage.ts';
import {
  arrivedOf,
  basicOf,
  datesOf,
  instanceId,
  isoOf,
  scheduleSeries,
  startsOf,
  storedSeries,
  untilExpanded,
} from './series.ts';

let stage: Stage;
let relay: RelayProcess;

beforeAll(async () => {
  stage = await setStage('series-changes', { topics: 1 });
  await query(
    stage.database.url,
    `update scheduler_private.settings set retry_delays = '{300 milliseconds,3 seconds}'`,
  );
  relay = stage.relay();
  await untilReady(relay);
});

afterAll(() => stage?.close());

const HOUR = 3_600_000;
/** the next full hour but one */
const nextHour = () => Math.ceil(Date.now() / HOUR + 1) * HOUR;
const cancel = (id: string) =>
  query(stage.database.url, 'select from scheduler.cancel_event($1)', [id]);

test('rejected occurrences become exceptions that fail after three attempts, and the series with them', async () => {
  const id = await scheduleSeries(stage, {
    recurrence: 'RRULE:FREQ=DAILY;COUNT=2',
    destination_topic: `missing-${randomUUID()}`,
  });
  const instances = ['2022-03-09T17:43:00Z', '2022-03-10T17:43:00Z'].map((at) =>
    instanceId(id, at),
  );
  await untilFinal(stage, [id, ...instances]);
  const states = await statesOf(stage, instances);
  expect(states.map(({ status, retry, last_error }) => [status, retry, last_error])).toEqual([
    ['FAILED', 3, 'unknown_topic'],
    ['FAILED', 3, 'unknown_topic'],
  ]);
  expect(await storedSeries(stage, id)).toMatchObject({
    status: 'FAILED',
    last_error: 'unknown_topic',
  });
});

test('after a rejected occurrence its series goes on, and the occurrence is tried again beside it', async () => {
  const topic = `missing-${randomUUID()}`;
  const past = Date.parse('2022-03-10T00:00:00Z');
  const soon = Date.now() + 3_000;
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(past),
    recurrence: datesOf(soon),
    destination_topic: topic,
  });
  const rejected = instanceId(id, past);
  await waitFor(
    'the first is rejected',
    20_000,
    async () => ((await statesOf(stage, [rejected]))[0]?.retry ?? 0) >= 1,
  );
  expect(await statesOf(stage, [rejected])).toMatchObject([
    { status: 'SCHEDULED', last_error: 'unknown_topic' },
  ]);
  await testTopic(stage.brokers, { name: topic });
  const reader = await readTopics(stage.brokers, [topic]);
  try {
    await untilFinal(stage, [id, rejected]);
    await reader.drain();
    // Across a rejected attempt the order does not hold.
    expect(startsOf({ ...stage, reader }, id).sort()).toEqual([past, soon].map(basicOf));
  } finally {
    await reader.close();
  }
  expect(await storedSeries(stage, id)).toMatchObject({ status: 'PUBLISHED', last_error: null });
});

test('a series whose next occurrences have exceptions is expanded behind them, and no more often', async () => {
  const start = nextHour();
  const hours = (...numbers: number[]) => numbers.map((n) => basicOf(start + n * HOUR));
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(start),
    recurrence: 'RRULE:FREQ=HOURLY',
  });
  expect((await untilExpanded(stage, id)).pending).toEqual(hours(0, 1));
  await cancel(instanceId(id, start + HOUR));
  expect((await untilExpanded(stage, id)).pending).toEqual(hours(0));
  await cancel(instanceId(id, start));
  expect((await untilExpanded(stage, id)).pending).toEqual(hours(2, 3));
});

test('a change of the rule drops exceptions that are no occurrences any more and keeps the others', async () => {
  const start = nextHour();
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(start),
    recurrence: 'RRULE:FREQ=HOURLY;COUNT=4',
  });
  await untilExpanded(stage, id);
  const [kept, dropped] = [instanceId(id, start), instanceId(id, start + HOUR)] as const;
  for (const instance of [kept, dropped]) {
    await query(
      stage.database.url,
      `select from scheduler.replace_event($1, row(null, $2, null, 'own', $3,
        null, null, null, null, null, null, null, null)::scheduler.event_input)`,
      [instance, isoOf(start + 30 * HOUR), stage.topics[0]],
    );
  }
  await query(
    stage.database.url,
    `select from scheduler.replace_event($1, row(null, $2, null, 'x', $3,
      null, 'RRULE:FREQ=HOURLY;INTERVAL=2;COUNT=3', null, null, null, null, null, null)::scheduler.event_input)`,
    [id, isoOf(start), stage.topics[0]],
  );
  const { pending } = await untilExpanded(stage, id);
  expect(pending).toEqual([basicOf(start + 2 * HOUR)]);
  expect((await statesOf(stage, [kept, dropped])).map(({ id: left }) => left)).toEqual([kept]);
  await cancel(id);
  expect(await statesOf(stage, [kept])).toMatchObject([{ status: 'CANCELED' }]);
});

test('what a former rule made due and what a new one does go out once each', async () => {
  const [past, soon] = [Date.now() - 20 * HOUR, Date.now() + 3_000];
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(past),
    recurrence: datesOf(soon, soon + 20 * HOUR),
  });
  await waitFor('the past one is confirmed', 20_000, async () => {
    const { pending } = await storedSeries(stage, id);
    return pending[0] === basicOf(soon);
  });
  await query(
    stage.database.url,
    `select from scheduler.replace_event($1, row(null, $2, null, 'new', $3,
      null, $4, null, null, null, null, null, null)::scheduler.event_input)`,
    [id, isoOf(past - HOUR), stage.topics[0], datesOf(past, soon, soon + 1_000)],
  );
  await untilFinal(stage, [id]);
  await stage.reader.drain();
  expect(startsOf(stage, id)).toEqual([past, soon, soon + 1_000].map(basicOf));
  expect(arrivedOf(stage, id).map(({ value }) => value.toString())).toEqual([
    'hello',
    'new',
    'new',
  ]);
});

test('a newer time zone database derives again what an older one expanded: nothing is repeated, nothing missing', async () => {
  const start = Date.now() - 3 * HOUR;
  const hourly = {
    scheduled_at: isoOf(start),
    recurrence: 'RRULE:FREQ=HOURLY',
    destination_topic: stage.topics[0] ?? '',
  };
  const id = await scheduleSeries(stage, hourly);
  const newer = await scheduleSeries(stage, hourly);
  for (const one of [id, newer]) {
    await waitFor('it has caught up', 20_000, async () => {
      const { pending, isExpanded } = await storedSeries(stage, one);
      return isExpanded && pending.length === 2 && arrivedOf(stage, one).length >= 4;
    });
  }
  await relay.stop();
  const wrong = `array[row(now() + interval '1 day', now() + interval '1 day', false, 1)::scheduler_private.occurrence]`;
  for (const [one, version] of [
    [id, '2000a'],
    [newer, '9999a'],
  ]) {
    await query(
      stage.database.url,
      `update scheduler_private.series set tz_version = $2, pending = ${wrong} where event_id = $1`,
      [one, version],
    );
  }
  relay = stage.relay();
  await untilReady(relay);
  const expected = [4, 5].map((n) => basicOf(start + n * HOUR));
  await waitFor(
    'it is derived again',
    20_000,
    async () => (await storedSeries(stage, id)).pending.join() === expected.join(),
  );
  await stage.reader.drain();
  expect(startsOf(stage, id)).toEqual([0, 1, 2, 3].map((n) => basicOf(start + n * HOUR)));
  // Two versions side by side do not flip-flop: what a newer one said stays.
  expect((await storedSeries(stage, newer)).pending).toHaveLength(1);
});
