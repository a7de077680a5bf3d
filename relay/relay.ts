import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import pg from 'pg';
import type { Logger } from 'pino';
import { schemaVersion } from '../db/schema-version.ts';
import { Zones } from '../recurrence/index.ts';
import { type Listener, listen } from '../runtime/listener.ts';
import type { RelayHealth } from './health.ts';
import { BatchLimits } from './kafka/batches.ts';
import type { KafkaClient } from './kafka/client.ts';
import { ensureLedger } from './kafka/ledger.ts';
import type { PublisherDeps } from './kafka/publisher.ts';
import { TopicCheck } from './kafka/topics.ts';
import { Lane } from './lane.ts';
import type { LaneStep } from './lane-context.ts';
import { LaneDatabase } from './lane-database.ts';
import { type OwnedLane, RelayDatabase } from './relay-database.ts';
import { Troubles } from './troubles.ts';

export interface RelayOptions {
  /** DSN of the login role scheduler_relay */
  readonly databaseUrl: string;
  readonly kafka: KafkaClient;
  /** prefix of everything it owns in Kafka */
  readonly deployment: string;
  /** seconds that a lane stays ours without renewal */
  readonly lease: number;
  /** seconds between looks for due work when nothing wakes a lane */
  readonly poll: number;
  /** most events of a batch */
  readonly batchEvents: number;
  readonly createMissingTopics: boolean;
  readonly log: Logger;
  /** tests stop or kill a relay here */
  readonly onStep?: (step: LaneStep, lane: number) => void | Promise<void>;
}

interface RunningLane extends OwnedLane {
  readonly worker: Lane;
  readonly ended: Promise<void>;
}

/** Keeps as many lanes as are this relay's fair share, renews their leases, and wakes them. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #database: RelayDatabase;
  readonly #topics: TopicCheck;
  readonly #limits = new BatchLimits();
  readonly #zones = new Zones();
  readonly #troubles: Troubles;
  #isRenewed = false;
  readonly #label = `${hostname()}:${process.pid}`;
  readonly #lanes = new Map<number, RunningLane>();
  readonly #aborted = new AbortController();
  #listener: Listener | null = null;
  #renewing: NodeJS.Timeout | null = null;
  /** the renewal that is under way */
  #round: Promise<void> | null = null;

  constructor(options: RelayOptions) {
    const { databaseUrl, lease, log } = options;
    this.#options = options;
    this.#database = new RelayDatabase(databaseUrl, randomUUID(), lease, (error) =>
      log.warn({ err: error }, 'connection to Postgres lost'),
    );
    this.#troubles = new Troubles(
      (trouble) => this.#database.reportTrouble(this.#label, trouble),
      log,
    );
    this.#topics = new TopicCheck({
      client: options.kafka,
      deployment: options.deployment,
      createMissing: options.createMissingTopics,
    });
  }

  /**
   * Checks that database and Kafka cluster belong together and begins to work.
   * @throws DatabaseError SC063 when they do not; KafkaError, errors of Postgres when one is away
   */
  async start(): Promise<void> {
    const { kafka, deployment, databaseUrl, lease, log } = this.#options;
    await this.#database.requireSchema(schemaVersion);
    const { clusterId } = await this.#troubles.watch(() => ensureLedger(kafka, deployment));
    await this.#database.register(deployment, clusterId);
    this.#listener = listen({
      url: databaseUrl,
      applicationName: 'scheduler relay listener',
      channel: 'scheduler_lanes',
      onNotification: (lane) => this.#lanes.get(Number(lane))?.worker.wake(),
      onConnected: () => {
        for (const { worker } of this.#lanes.values()) worker.wake();
      },
      log,
    });
    await this.#share();
    this.#renewing = setInterval(
      () => {
        // One that takes longer, because the database hangs, is not joined by others.
        this.#round ??= this.#share().finally(() => {
          this.#round = null;
        });
      },
      (lease * 1000) / 3,
    );
  }

  /**
   * Finishes what is in flight and gives the lanes up.
   * @param patience ms; then everything is cut, and the ledger tells the next owner what became of it
   */
  async stop(patience: number): Promise<void> {
    const { log } = this.#options;
    if (this.#renewing) clearInterval(this.#renewing);
    const deadline = setTimeout(() => this.#aborted.abort(), patience);
    await this.#round;
    for (const { worker } of this.#lanes.values()) worker.stop();
    await Promise.race([
      Promise.all([...this.#lanes.values()].map((lane) => lane.ended)),
      new Promise((resolve) => this.#aborted.signal.addEventListener('abort', resolve)),
    ]);
    clearTimeout(deadline);
    await this.#listener?.close();
    await this.#topics.close();
    try {
      await this.#database.retire();
      await this.#database.close();
    } catch (error) {
      log.warn({ err: error }, 'the lanes are free when their leases expire');
    }
  }

  /** How it does, for probes. */
  health(): RelayHealth {
    return {
      isReady: this.#isRenewed,
      lanes: this.#lanes.size,
      trouble: this.#troubles.now(),
    };
  }

  /** One round: says that we are alive, then takes or gives lanes. A failed round changes nothing. */
  async #share(): Promise<void> {
    const { log } = this.#options;
    try {
      const { owned, surplus } = await this.#database.renew(this.#label);
      this.#isRenewed = true;
      this.#troubles.refresh();
      for (const { lane, fence } of this.#lanes.values()) {
        const ours = owned.some((one) => one.lane === lane && one.fence === fence);
        if (!ours) this.#lanes.get(lane)?.worker.stop();
      }
      for (const lane of owned) {
        if (!this.#lanes.has(lane.lane)) await this.#database.release(lane);
      }
      if (surplus > 0) {
        for (const { worker } of [...this.#lanes.values()].slice(0, surplus)) worker.stop();
        return;
      }
      for (let lane = await this.#database.acquire(); lane; lane = await this.#database.acquire()) {
        this.#run(lane);
      }
    } catch (error) {
      this.#isRenewed = false;
      log.warn({ err: error }, 'leases not renewed');
    }
  }

  #run(owned: OwnedLane): void {
    const { databaseUrl, kafka, deployment, batchEvents, poll, onStep } = this.#options;
    const { lane, fence } = owned;
    const log = this.#options.log.child({ lane });
    const step = onStep && ((name: LaneStep) => onStep(name, lane));
    const database = new LaneDatabase(databaseUrl, lane, fence);
    const publishing: PublisherDeps = {
      client: kafka,
      deployment,
      limits: this.#limits,
      now: () => database.clock(),
      ...(step ? { onStep: step } : {}),
    };
    const worker = new Lane({
      lane,
      database,
      publishing,
      topics: this.#topics,
      zones: this.#zones,
      batchEvents,
      poll,
      log,
      aborted: this.#aborted.signal,
      onTrouble: (trouble) => this.#troubles.of(lane, trouble),
      onStep: step,
    });
    log.info({ fence }, 'lane acquired');
    const previous = this.#lanes.get(lane)?.ended ?? Promise.resolve();
    const ended = previous
      .then(() => worker.run())
      .then(async (how) => {
        if (this.#lanes.get(lane)?.worker === worker) this.#lanes.delete(lane);
        this.#troubles.of(lane, null);
        if (how === 'stopped') await this.#database.release(owned);
        log.info({ fence, how }, 'lane ended');
      })
      .catch((error: unknown) => log.warn({ err: error }, 'lane not released'));
    this.#lanes.set(lane, { ...owned, worker, ended });
  }
}

/** Whether the database refused for good, so that trying again is no use. */
export function isMismatch(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && error.code === 'SC063';
}
