import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../../local/wait.ts';
import { query } from '../../harness/database.ts';
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
  stage = await setStage('series', { topics: 1 });
  relay = stage.relay();
  await untilReady(relay);
});

afterAll(() => stage?.close());

const HOUR = 3_600_000;
/** the last full hour that is two hours ago or longer */
const pastHour = () => Math.floor(Date.now() / HOUR - 2) * HOUR;

test('the daily series of the requirements goes out at once, in order, under ids of its original starts, and ends PUBLISHED', async () => {
  const id = await scheduleSeries(stage, {
    scheduled_at: '2025-04-15T10:00:00',
    timezone: 'Asia/Tokyo',
    recurrence:
      'RRULE:FREQ=DAILY;COUNT=10\nEXDATE;VALUE=DATE-TIME:20250423T010000Z\nRDATE;VALUE=DATE-TIME:20250430T010000Z',
  });
  await untilFinal(stage, [id]);
  await stage.reader.drain();
  const days = [15, 16, 17, 18, 19, 20, 21, 22, 24, 30];
  expect(startsOf(stage, id)).toEqual(days.map((day) => `202504${day}T010000Z`));
  const [message] = arrivedOf(stage, id);
  expect(message?.key).toBe(id);
  expect(message?.value.toString()).toBe('hello');
  expect(message?.headers).toEqual({
    ce_specversion: '1.0',
    ce_id: `${id}_20250415T010000Z`,
    ce_source: `/scheduler/${stage.deployment}`,
    ce_type: 'scheduler.event',
    ce_time: '2025-04-15T01:00:00Z',
    'scheduler-series-id': id,
  });
  expect(await statesOf(stage, [id])).toMatchObject([{ status: 'PUBLISHED', last_error: null }]);
});

test('key and headers of the caller are those of every instance', async () => {
  const headers = { ce_type: 'bill.due', 'x-own': 'yes' };
  const id = await scheduleSeries(stage, {
    ...{ recurrence: 'RRULE:FREQ=HOURLY;COUNT=2', key: 'customer 7', headers },
  });
  await untilFinal(stage, [id]);
  await stage.reader.drain();
  const arrived = arrivedOf(stage, id);
  expect(arrived.map(({ key }) => key)).toEqual(['customer 7', 'customer 7']);
  expect(arrived.map((message) => message.headers)).toMatchObject([headers, headers]);
});

test('a series that catches up goes out many occurrences at a time', async () => {
  const before = relay.steps.filter((step) => step === 'claimed').length;
  const id = await scheduleSeries(stage, { recurrence: 'RRULE:FREQ=SECONDLY;COUNT=100' });
  await untilFinal(stage, [id]);
  await stage.reader.drain();
  const start = Date.parse('2022-03-09T17:43:00Z');
  expect(startsOf(stage, id)).toEqual(
    Array.from({ length: 100 }, (_, n) => basicOf(start + n * 1000)),
  );
  expect(relay.steps.filter((step) => step === 'claimed').length - before).toBeLessThan(5);
});

test('an endless series goes on, each occurrence once and not before its instant, until it is cancelled', async () => {
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(Date.now() - 2_000),
    recurrence: 'RRULE:FREQ=SECONDLY',
  });
  await waitFor('it goes on', 20_000, () => arrivedOf(stage, id).length >= 6);
  expect(await statesOf(stage, [id])).toMatchObject([{ status: 'SCHEDULED' }]);
  // What is being published just now cannot be cancelled.
  await waitFor('it is cancelled', 10_000, async () => {
    const [event] = await query<{ status: string }>(
      stage.database.url,
      'select status from scheduler.cancel_event($1)',
      [id],
    );
    return event?.status === 'CANCELED';
  });
  await stage.reader.drain();
  const arrived = arrivedOf(stage, id);
  const first = Date.parse(arrived[0]?.headers.ce_time ?? '');
  expect(startsOf(stage, id)).toEqual(arrived.map((_, n) => basicOf(first + n * 1000)));
  const early = arrived.filter(({ at, headers }) => at < Date.parse(headers.ce_time ?? ''));
  expect(early).toEqual([]);
});

test('an endless series of seldom occurrences is expanded by two, and no more often', async () => {
  const start = pastHour();
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(start),
    recurrence: 'RRULE:FREQ=DAILY',
  });
  await waitFor('the first goes out', 20_000, () => arrivedOf(stage, id).length > 0);
  await waitFor('it is expanded again', 20_000, async () => {
    const { pending, isExpanded } = await storedSeries(stage, id);
    return isExpanded && pending.length === 2;
  });
  const { pending } = await storedSeries(stage, id);
  expect(pending).toEqual([basicOf(start + 24 * HOUR), basicOf(start + 48 * HOUR)]);
});

test('of what a series missed go out all, the latest or none, and the rest reads missed', async () => {
  const start = pastHour() - 4 * HOUR;
  const hourly = { scheduled_at: isoOf(start), recurrence: 'RRULE:FREQ=HOURLY;COUNT=5' };
  const policies = [undefined, 'all', 'latest', 'skip'] as const;
  const ids = await Promise.all(
    policies.map((missed) => scheduleSeries(stage, missed ? { ...hourly, missed } : hourly)),
  );
  await untilFinal(stage, ids);
  await stage.reader.drain();
  const all = [0, 1, 2, 3, 4].map((n) => basicOf(start + n * HOUR));
  expect(ids.map((id) => startsOf(stage, id))).toEqual([all, all, all.slice(4), []]);
  const states = new Map((await statesOf(stage, ids)).map((state) => [state.id, state]));
  expect(ids.map((id) => states.get(id)?.status)).toEqual([
    'PUBLISHED',
    'PUBLISHED',
    'PUBLISHED',
    'CANCELED',
  ]);
  expect(states.get(ids[3] ?? '')?.last_error).toBe('missed');
  const passed = await query<{ id: string; reason: string; covers: boolean[] }>(
    stage.database.url,
    `select series_id as id, reason,
      array(select after_instant < t and t <= until_instant from unnest($2::timestamptz[]) t) as covers
    from scheduler_private.passed_ranges where series_id = any ($1) order by array_position($1, series_id)`,
    [ids, [0, 1, 2, 3, 4].map((n) => isoOf(start + n * HOUR))],
  );
  expect(passed).toEqual([
    { id: ids[2], reason: 'missed', covers: [true, true, true, true, false] },
    { id: ids[3], reason: 'missed', covers: [true, true, true, true, true] },
  ]);
});

test('occurrences later than maxLateness are passed over, the others go out', async () => {
  const [late, ahead] = [pastHour(), Date.now() + 3_000];
  const given = { scheduled_at: isoOf(late - HOUR), max_lateness: 'PT10M' };
  const mixed = await scheduleSeries(stage, { ...given, recurrence: datesOf(late, ahead) });
  const none = await scheduleSeries(stage, { ...given, recurrence: 'RRULE:FREQ=HOURLY;COUNT=2' });
  await untilFinal(stage, [mixed, none]);
  await stage.reader.drain();
  expect(startsOf(stage, mixed)).toEqual([basicOf(ahead)]);
  expect(startsOf(stage, none)).toEqual([]);
  expect(await storedSeries(stage, mixed)).toMatchObject({ status: 'PUBLISHED', last_error: null });
  expect(await storedSeries(stage, none)).toMatchObject({
    status: 'CANCELED',
    last_error: 'missed',
  });
});

test('a series that SQL stored and that cannot be expanded fails, and nothing of it goes out', async () => {
  const cases: [recurrence: string, error: string][] = [
    ['RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'invalid_recurrence'],
    ['RRULE:FREQ=DAILY;UNTIL=20210101T000000Z', 'invalid_recurrence'],
    ['RRULE:FREQ=SECONDLY;COUNT=101', 'many_past_occurrences'],
    ['RRULE:FREQ=SECONDLY', 'many_past_occurrences'],
  ];
  const ids = await Promise.all(cases.map(([recurrence]) => scheduleSeries(stage, { recurrence })));
  await untilFinal(stage, ids);
  await stage.reader.drain();
  const stored = await Promise.all(ids.map((id) => storedSeries(stage, id)));
  expect(stored.map(({ status, last_error }) => [status, last_error])).toEqual(
    cases.map(([, error]) => ['FAILED', error]),
  );
  expect(ids.flatMap((id) => startsOf(stage, id))).toEqual([]);
});

test('a moved occurrence goes out at its new time only, under its original id, and the others stay where they are', async () => {
  const start = pastHour() + 26 * HOUR;
  const [first, second, third] = [start, start + HOUR, start + 2 * HOUR] as const;
  const id = await scheduleSeries(stage, {
    scheduled_at: isoOf(first),
    recurrence: 'RRULE:FREQ=HOURLY;COUNT=3',
  });
  await untilExpanded(stage, id);
  const at = isoOf(Date.now() + 1_000);
  const moved = instanceId(id, second);
  await query(
    stage.database.url,
    `select from scheduler.replace_event($1, row(null, $2, null, 'moved', $3,
      null, null, null, null, null, null, null, null)::scheduler.event_input)`,
    [moved, at, stage.topics[0]],
  );
  await untilFinal(stage, [moved]);
  await stage.reader.drain();
  const arrived = arrivedOf(stage, id);
  expect(
    arrived.map(({ key, value, headers }) => [
      key,
      value.toString(),
      headers.ce_id,
      headers.ce_time,
    ]),
  ).toEqual([[id, 'moved', moved, at]]);
  for (const instant of [first, third]) {
    const { pending } = await untilExpanded(stage, id);
    expect(pending).toEqual([basicOf(instant)]);
    await query(stage.database.url, 'select from scheduler.cancel_event($1)', [
      instanceId(id, instant),
    ]);
  }
  await untilFinal(stage, [id]);
  expect(await storedSeries(stage, id)).toMatchObject({ status: 'PUBLISHED', last_error: null });
});
