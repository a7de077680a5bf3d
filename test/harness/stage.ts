import { randomUUID } from 'node:crypto';
import { expect, inject } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query, type TestDatabase, testDatabase } from './database.ts';
import { type Reader, readTopics, testTopic } from './kafka.ts';
import { type RelayOptions, type RelayProcess, startRelay } from './relay.ts';

export interface StageOptions {
  /** how many topics, of three partitions each, or their names; default 2 */
  readonly topics?: number | readonly string[];
  /** default: the brokers of all tests */
  readonly brokers?: string[];
  /** default: a new one */
  readonly database?: TestDatabase;
}

/** What a test of the relay plays on: a database, a deployment, topics and who reads them. */
export interface Stage {
  readonly database: TestDatabase;
  readonly brokers: string[];
  readonly deployment: string;
  readonly topics: string[];
  readonly reader: Reader;
  /** Starts a relay, which does not outlive the stage. */
  relay(options?: Partial<RelayOptions>): RelayProcess;
  /** kill -9 of all its relays that still live. */
  killRelays(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Sets a stage up.
 * @param name beginning of the deployment's name; the rest is new, for a ledger outlives a database
 */
export async function setStage(name: string, options: StageOptions = {}): Promise<Stage> {
  const brokers = options.brokers ?? inject('kafkaBrokers');
  const database = options.database ?? (await testDatabase());
  const { topics: wanted = 2 } = options;
  const names = typeof wanted === 'number' ? Array<undefined>(wanted).fill(undefined) : wanted;
  const topics = await Promise.all(
    names.map((topic) => testTopic(brokers, topic === undefined ? {} : { name: topic })),
  );
  const reader = await readTopics(brokers, topics);
  const deployment = `${name}-${randomUUID()}`;
  const relays: RelayProcess[] = [];
  const killRelays = async () => {
    for (const relay of relays) relay.kill('SIGKILL');
    await Promise.all(relays.splice(0).map((relay) => relay.exited));
  };
  return {
    database,
    brokers,
    deployment,
    topics,
    reader,
    relay: (more) => {
      const { relayUrl } = database;
      const relay = startRelay({ relayUrl, kafkaBrokers: brokers, deployment, ...more });
      relays.push(relay);
      return relay;
    },
    killRelays,
    close: async () => {
      await killRelays();
      await reader.close();
      await database.drop();
    },
  };
}

export interface ScheduleOptions {
  /** default 1 */
  readonly count?: number;
  /** taken in turn; default the stage's */
  readonly topics?: string[];
  /** RFC 3339; default long ago */
  readonly at?: string;
  /** one key for all; default none */
  readonly key?: string;
  /** bytes of each payload; default a few */
  readonly bytes?: number;
}

/** Schedules events in one statement. @returns their ids */
export async function schedule(stage: Stage, options: ScheduleOptions = {}): Promise<string[]> {
  const rows = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_events((
      select array_agg(row(null, $2, null, convert_to(rpad(n::text, $5, '.'), 'UTF8'),
        ($3::text[])[1 + n % cardinality($3::text[])],
        null, null, null, null, null, null, $4, null)::scheduler.event_input)
      from generate_series(1, $1::integer) n))`,
    [
      options.count ?? 1,
      options.at ?? '2022-03-09T17:43:00Z',
      options.topics ?? stage.topics,
      options.key ?? null,
      options.bytes ?? 8,
    ],
  );
  return rows.map((row) => row.id);
}

export interface EventState {
  readonly id: string;
  readonly status: string;
  readonly retry: number;
  readonly last_error: string | null;
}

/** How events stand now. */
export async function statesOf(stage: Stage, ids: string[]): Promise<EventState[]> {
  return query(
    stage.database.url,
    'select id, status, retry, last_error from scheduler.events where id = any ($1)',
    [ids],
  );
}

/** Waits until none of the events is SCHEDULED any more. */
export async function untilFinal(stage: Stage, ids: string[], limitMs = 40_000): Promise<void> {
  await waitFor('every event is final', limitMs, async () => {
    const [row] = await query<{ left: number }>(
      stage.database.url,
      `select count(*)::integer as left from scheduler.events where id = any ($1) and status = 'SCHEDULED'`,
      [ids],
    );
    return row?.left === 0;
  });
}

/**
 * Invariant I4: these events become PUBLISHED, and each of them is on its topic once, and nothing
 * else is there twice.
 */
export async function expectPublishedOnce(
  stage: Stage,
  ids: string[],
  limitMs = 40_000,
): Promise<void> {
  await untilFinal(stage, ids, limitMs);
  const states = await statesOf(stage, ids);
  expect(states.filter((state) => state.status !== 'PUBLISHED')).toEqual([]);
  await expectOnTopicsOnce(stage, ids);
}

/** Each of these events is on the topics once, and nothing at all is there twice. */
export async function expectOnTopicsOnce(stage: Stage, ids: string[]): Promise<void> {
  await stage.reader.drain();
  const seen = timesSeen(stage);
  const lost = ids.filter((id) => !seen.has(id));
  const repeated = [...seen].filter(([, times]) => times > 1).map(([id]) => id);
  expect({ lost, repeated }).toEqual({ lost: [], repeated: [] });
}

/** How often each event is on the topics, as far as the reader has got. */
export function timesSeen({ reader }: Stage): Map<string, number> {
  const seen = new Map<string, number>();
  for (const { headers } of reader.messages) {
    const id = headers.ce_id ?? '';
    seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  return seen;
}
