import '../../examples/notifier/mended-kafkajs.ts';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { createKafkaClient } from '../../relay/kafka/client.ts';
import type { LaneStep } from '../../relay/lane-context.ts';
import { Relay, type RelayOptions } from '../../relay/relay.ts';
import { query } from '../harness/database.ts';
import { expectPublishedOnce, type Stage, setStage, untilFinal } from '../harness/stage.ts';

let stage: Stage;
let relay: Relay | undefined;

beforeAll(async () => {
  stage = await setStage('lanes-apart');
});

afterEach(async () => {
  await relay?.stop(5_000);
  relay = undefined;
});

afterAll(() => stage?.close());

const LANES = 4;
/** the one that is held up */
const LANE = 2;

/** A relay in this process, so that one of its lanes can be held up. */
async function startRelay(onStep: NonNullable<RelayOptions['onStep']>): Promise<void> {
  const log = pino({ level: 'silent' });
  const ready = new Set<number>();
  relay = new Relay({
    databaseUrl: stage.database.relayUrl,
    kafka: createKafkaClient({ brokers: inject('kafkaBrokers'), clientId: 'apart', log }),
    deployment: stage.deployment,
    lease: 3,
    poll: 1,
    batchEvents: 20,
    createMissingTopics: false,
    log,
    onStep: (step, lane) => {
      if (step === 'ledger-read') ready.add(lane);
      return onStep(step, lane);
    },
  });
  await relay.start();
  await waitFor('its lanes are ready', 20_000, () => ready.size === LANES);
}

/** The events of one lane, and those of the others. */
async function byLane(ids: string[], lane: number): Promise<{ its: string[]; others: string[] }> {
  const rows = await query<{ id: string; lane: number }>(
    stage.database.url,
    'select id, lane from scheduler_private.events where id = any ($1)',
    [ids],
  );
  const of = (isIts: boolean) =>
    rows.filter((row) => (row.lane === lane) === isIts).map(({ id }) => id);
  return { its: of(true), others: of(false) };
}

/** Seconds by which events were confirmed after their instants: of the one in the middle, and of the last. */
async function lateness(ids: string[]): Promise<{ median: number; most: number }> {
  const [row] = await query<{ median: number; most: number }>(
    stage.database.url,
    `select percentile_cont(0.5) within group (order by late)::float8 as median, max(late)::float8 as most
     from scheduler_private.events, extract(epoch from published_at - scheduled_instant) as late
     where id = any ($1)`,
    [ids],
  );
  if (!row) throw new Error('no events');
  return row;
}

/** On a machine that does nothing else 13 ms, and at most 125: whatever waits for the lane is later. */
const isPunctual = ({ median, most }: Awaited<ReturnType<typeof lateness>>) =>
  median < 1 && most < 5;

/** Events over two seconds of the near future. */
async function scheduleStream(): Promise<string[]> {
  const rows = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_events((
      select array_agg(row(null, scheduler_private.format_moment(null,
          clock_timestamp() + make_interval(secs => 0.3 + n / 150.0), false), null, 'x',
        ($1::text[])[1 + n % cardinality($1::text[])],
        null, null, null, null, null, null, null, null)::scheduler.event_input)
      from generate_series(1, 300) n))`,
    [stage.topics],
  );
  return rows.map(({ id }) => id);
}

test.each<LaneStep>(['claimed', 'begun', 'committed'])(
  'a lane that is stuck at %s does not make the others late',
  async (step) => {
    const gate = Promise.withResolvers<void>();
    const stuck = Promise.withResolvers<void>();
    await startRelay(async (at, lane) => {
      if (lane !== LANE || at !== step) return;
      stuck.resolve();
      await gate.promise;
    });
    const ids = await scheduleStream();
    const { its, others } = await byLane(ids, LANE);
    await stuck.promise;
    await untilFinal(stage, others);
    const [held] = await query<{ waiting: number }>(
      stage.database.url,
      `select count(*)::integer as waiting from scheduler_private.events
       where id = any ($1) and status = 'SCHEDULED'`,
      [its],
    );
    expect(held?.waiting).toBe(its.length);
    expect(its.length).toBeGreaterThan(20);
    expect(await lateness(others)).toSatisfy(isPunctual);
    gate.resolve();
    await expectPublishedOnce(stage, ids);
  },
);

test('a lane that is slow at every step does not make the others late', async () => {
  await startRelay(async (_at, lane) => {
    if (lane === LANE) await new Promise((resolve) => setTimeout(resolve, 100));
  });
  const ids = await scheduleStream();
  const { its, others } = await byLane(ids, LANE);
  await expectPublishedOnce(stage, ids);
  const late = await lateness(others);
  expect(late).toSatisfy(isPunctual);
  expect(late.median).toBeLessThan((await lateness(its)).median / 3);
});
