import { expect, type TestContext } from 'vitest';
import { waitFor } from '../../../local/wait.ts';
import { query } from '../../harness/database.ts';
import {
  type RelayOptions,
  type RelayProcess,
  timesLogged,
  untilReady,
} from '../../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../../harness/stage.ts';
import { type Interceptor, intercept } from './interceptor.ts';
import { kafkaDialogue } from './kafka-dialogue.ts';
import { postgresDialogue } from './postgres-dialogue.ts';

/** What a relay speaks through. */
interface Between {
  /** to Postgres; the functions of the engine by their names */
  readonly postgres: Interceptor;
  /** to Kafka */
  readonly kafka: Interceptor;
}

/** A relay and what it speaks through. */
export interface Actor extends RelayProcess, Between {}

/** As the model has it: one lane, some relays, a user, and every step in the test's hands. */
export interface Scene extends Stage {
  /** What a relay may speak through that is to find traps when it begins. */
  between(): Promise<Between>;
  /**
   * Starts a relay and gives it the lane, whoever has it. Its lease is long: it does not hear that it
   * has lost the lane until it asks.
   */
  enter(options?: Partial<RelayOptions>, between?: Between): Promise<Actor>;
  /** Starts a relay that is quick to take the lane, which another has, over. */
  prepare(between?: Between): Promise<Actor>;
  /** Gives the lane to a relay that was prepared. */
  handOver(heir: Actor): Promise<void>;
  /** Schedules events that are due at once. A batch has two at most. */
  schedule(count?: number, bytes?: number): Promise<string[]>;
  /** The relay that has the lane and nothing to do, or a new one; what it did before is forgotten. */
  idle(): Promise<Actor>;
  /** Kills all relays and forgets what is on its way. */
  clear(): Promise<void>;
  /**
   * After a test: kills all relays but one that entered last, which is idle unless the test has
   * failed, and forgets what is on its way.
   */
  tidy(test: TestContext): Promise<void>;
}

/** What happens is done by the test; nothing by time. */
const SETTINGS = { LEASE_SECONDS: '300', POLL_SECONDS: '300', BATCH_EVENTS: '2' };

/**
 * A database with one lane whose ledger is seeded and shows its last batch.
 * @param retryDelay after a rejected attempt
 */
export async function setScene(name: string, retryDelay: string): Promise<Scene> {
  const stage = await setStage(name, { topics: 1 });
  const [broker = ''] = stage.brokers;
  let actors: Actor[] = [];
  let entered: Actor[] = [];
  let opened: Interceptor[] = [];
  const between = async () => {
    const postgres = await intercept(new URL(stage.database.relayUrl).host, postgresDialogue);
    const kafka = await intercept(broker, kafkaDialogue(broker));
    opened.push(postgres, kafka);
    return { postgres, kafka };
  };
  await query(stage.database.url, 'select scheduler.set_lane_count(1)');
  await query(
    stage.database.url,
    `update scheduler_private.settings set retry_delays = array[$1::interval]`,
    [retryDelay],
  );
  /** @param kept not killed */
  const clear = async (kept?: Actor) => {
    const others = actors.filter((actor) => actor !== kept);
    for (const actor of others) actor.kill('SIGKILL');
    await Promise.all(others.map((actor) => actor.exited));
    const ofKept = (one: Interceptor) => one === kept?.postgres || one === kept?.kafka;
    for (const one of opened) if (!ofKept(one)) await one.close();
    actors = kept ? [kept] : [];
    entered = kept ? [kept] : [];
    opened = opened.filter(ofKept);
  };
  const start = async (options: Partial<RelayOptions> = {}, given?: Between) => {
    const { postgres, kafka } = given ?? (await between());
    const url = new URL(stage.database.relayUrl);
    url.host = postgres.address;
    const relay = stage.relay({
      relayUrl: url.toString(),
      kafkaBrokers: [kafka.address],
      ...options,
      settings: { ...SETTINGS, ...options.settings },
    });
    const actor = { ...relay, postgres, kafka };
    actors.push(actor);
    return actor;
  };
  const scene: Scene = {
    ...stage,
    schedule: (count = 1, bytes = 8) => schedule(stage, { count, bytes, key: 'one lane' }),
    between,
    enter: async (options, given) => {
      const expired = await expireLease(scene);
      const actor = await start(options, given);
      entered.push(actor);
      await expired.untilTaken();
      return actor;
    },
    prepare: async (given) => {
      const heir = await start({ settings: { LEASE_SECONDS: '1' } }, given);
      await untilReady(heir);
      return heir;
    },
    handOver: async () => {
      const expired = await expireLease(scene);
      await expired.untilTaken();
      entered = [];
    },
    idle: async () => {
      const [actor = await scene.enter()] = entered;
      await waitFor('it is idle', 15_000, () => actor.steps.at(-1) === 'claiming');
      actor.steps.length = 0;
      actor.log.length = 0;
      return actor;
    },
    clear: () => clear(),
    tidy: ({ task }) => clear(task.result?.state === 'fail' ? undefined : entered.at(-1)),
    close: async () => {
      await clear();
      await stage.close();
    },
  };
  await scene.enter();
  await expectPublishedOnce(scene, await scene.schedule());
  return scene;
}

/** Lets the lease of whoever has the lane lapse. */
async function expireLease(scene: Scene): Promise<{ untilTaken(): Promise<void> }> {
  const { fence } = await laneOf(scene);
  await query(
    scene.database.url,
    `update scheduler_private.lanes set lease_until = now() - interval '1 hour' where relay_id is not null`,
  );
  return {
    untilTaken: async () => {
      await waitFor('another has the lane', 20_000, async () => {
        return (await laneOf(scene)).fence !== fence;
      });
    },
  };
}

export interface LaneNow {
  readonly fence: string;
  readonly last_confirmed: string;
  readonly quarantine_reason: string | null;
  /** the open batch */
  readonly batch: string | null;
}

export async function laneOf({ database }: Scene): Promise<LaneNow> {
  const [lane] = await query<LaneNow>(
    database.url,
    `select fence, last_confirmed, quarantine_reason, b.id as batch
     from scheduler_private.lanes l left join scheduler_private.batches b using (lane)`,
  );
  if (!lane) throw new Error('no lane');
  return lane;
}

/** The open batch. */
export async function openBatch(scene: Scene): Promise<string> {
  const { batch } = await laneOf(scene);
  if (!batch) throw new Error('no batch is open');
  return batch;
}

/** @returns CANCELED, or the SQLSTATE that refused it; SC041 final, SC042 in_flight */
export async function cancel({ database }: Scene, id: string | undefined): Promise<string> {
  try {
    await query(database.url, 'select scheduler.cancel_event($1)', [id]);
    return 'CANCELED';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/**
 * Every invariant of the model when it is over: each event is PUBLISHED and on the topic once and can
 * no longer be cancelled, no attempt was counted that the broker did not cause, nobody is quarantined.
 */
export async function expectAllWell(scene: Scene, ids: string[], attempts = 0): Promise<void> {
  await expectPublishedOnce(scene, ids, 20_000);
  await expectSound(scene, ids, attempts);
  for (const id of ids) expect(await cancel(scene, id)).toBe('SC041');
}

/** So many attempts were counted, and the lane is not quarantined. */
export async function expectSound(scene: Scene, ids: string[], attempts: number): Promise<void> {
  const counted = await query(
    scene.database.url,
    'select from scheduler_private.attempts where event_id = any ($1)',
    [ids],
  );
  const { quarantine_reason } = await laneOf(scene);
  expect([counted.length, quarantine_reason]).toEqual([attempts, null]);
}

/** How often it did a step. */
export function times({ steps }: Actor, step: string): number {
  return steps.filter((one) => one === step).length;
}

/** Waits until it has done a step so many times. */
export async function until(actor: Actor, step: string, count = 1): Promise<void> {
  await waitFor(`${step}, ${count} times`, 15_000, () => times(actor, step) >= count);
}

/** Waits until its log says something. */
export async function untilSaid(actor: Actor, text: string): Promise<void> {
  await waitFor(`it says "${text}"`, 15_000, () => timesLogged(actor, text) > 0);
}

/** Waits until it has heard that the lane is another's, and has let it go. */
export async function untilGivenUp(actor: Actor): Promise<void> {
  await untilSaid(actor, 'the lane has another owner');
  await untilSaid(actor, '"how":"lost"');
}
