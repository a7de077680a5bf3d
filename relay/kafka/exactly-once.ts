import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { planRounds } from './batches.ts';
import { callBack, KafkaError, LaneLostError, surfaced } from './errors.ts';
import { Leaders } from './leaders.ts';
import type { BrokerLink } from './link.ts';
import { BATCH_PARTITION, laneName, ledgerTopic, TOKEN_PARTITION } from './names.ts';
import { produceRound } from './produce.ts';
import type { LanePublisher, PublisherDeps, PublisherStep } from './publisher.ts';
import type { OutgoingRecord } from './records.ts';
import { TransactionClient } from './transaction.ts';

export interface OpenOptions {
  readonly lane: number;
  /**
   * Asked before every `InitProducerId`: is the lane's fence still ours? A relay that asks no more
   * would fence the new owner, which would fence it back, for ever.
   */
  readonly stillOwner: () => Promise<boolean>;
  /** Gives up at once, whatever is in flight. */
  readonly signal?: AbortSignal;
}

export interface OpenedPublisher {
  readonly publisher: LanePublisher;
  /** id of the last batch that Kafka committed on this lane; null for none at all */
  readonly ledger: string | null;
}

/** ms: how long init waits for the broker to abort the former owner's transaction */
const INIT_PATIENCE = 15_000;
const INIT_PAUSE = 10;
/** ms: how long the barrier's token may take to show before it counts as overwritten */
const BARRIER_PATIENCE = 3_000;
const BARRIER_PAUSE = 3;
const BARRIER_TRIES = 5;

/**
 * Steps 2 and 3 of the lane protocol: fences former producers of the lane, then reads the ledger
 * behind a barrier of its own.
 * @throws LaneLostError when the fence is old; what `stillOwner` throws; KafkaError classified
 */
export async function openPublisher(
  deps: PublisherDeps,
  options: OpenOptions,
): Promise<OpenedPublisher> {
  const link = deps.client.createLink();
  const abort = () => link.destroy();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    options.signal?.throwIfAborted();
    const identity = {
      transactionalId: laneName(deps.deployment, options.lane),
      groupId: laneName(deps.deployment, options.lane),
      ledgerTopic: ledgerTopic(deps.deployment),
    };
    await link.connect(identity.ledgerTopic);
    const transactions = new TransactionClient(link, identity);
    await transactions.findCoordinators();
    const ledger = await fenceAndRead(transactions, deps, options);
    return {
      publisher: new TransactionalPublisher(deps, options.lane, link, transactions),
      ledger,
    };
  } catch (error) {
    link.destroy();
    throw surfaced(error);
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

async function fenceAndRead(
  transactions: TransactionClient,
  deps: PublisherDeps,
  options: OpenOptions,
): Promise<string | null> {
  for (let attempt = 1; attempt <= BARRIER_TRIES; attempt++) {
    await fence(transactions, deps, options);
    const answer = await readBehindBarrier(transactions, deps);
    if (answer) return answer.ledger;
  }
  throw new KafkaError({
    class: 'transient',
    code: 'barrier_overwritten',
    message: `lane ${options.lane}: the ledger's barrier did not show`,
  });
}

async function fence(
  transactions: TransactionClient,
  deps: PublisherDeps,
  { lane, stillOwner }: OpenOptions,
): Promise<void> {
  const deadline = performance.now() + INIT_PATIENCE;
  for (;;) {
    if (!(await callBack(stillOwner))) throw new LaneLostError(lane);
    if (await transactions.init(deps.transactionTimeout ?? 10_000)) break;
    if (performance.now() > deadline) {
      throw new KafkaError({
        class: 'transient',
        code: 'concurrent_transactions',
        message: `lane ${lane}: the broker has not ended the former transaction`,
      });
    }
    await sleep(INIT_PAUSE);
  }
  await deps.onStep?.('init');
}

/**
 * kafkajs's `OffsetFetch` has no `require_stable`: a committed entry whose marker is not written
 * yet reads as the old value. The token is new for every init, so an answer that shows it was given
 * after everything that was committed before it; the entry is taken from that same answer.
 * @returns null when another's token shows: neither ours nor the one from before the barrier
 */
async function readBehindBarrier(
  transactions: TransactionClient,
  deps: PublisherDeps,
): Promise<{ readonly ledger: string | null } | null> {
  const token = randomUUID();
  const former = (await transactions.readOffsets([TOKEN_PARTITION])).get(TOKEN_PARTITION) ?? null;
  await transactions.begin();
  await transactions.commitOffset(TOKEN_PARTITION, token);
  await transactions.commit();
  await deps.onStep?.('barrier');
  const deadline = performance.now() + BARRIER_PATIENCE;
  for (;;) {
    const entries = await transactions.readOffsets([BATCH_PARTITION, TOKEN_PARTITION]);
    const shown = entries.get(TOKEN_PARTITION) ?? null;
    if (shown === token) {
      await deps.onStep?.('ledger-read');
      return { ledger: entries.get(BATCH_PARTITION) ?? null };
    }
    if (shown !== former || performance.now() > deadline) return null;
    await sleep(BARRIER_PAUSE);
  }
}

class TransactionalPublisher implements LanePublisher {
  readonly #deps: PublisherDeps;
  readonly #lane: number;
  readonly #link: BrokerLink;
  readonly #transactions: TransactionClient;
  readonly #leaders: Leaders;
  #state: 'ready' | 'busy' | 'dead' = 'ready';

  constructor(
    deps: PublisherDeps,
    lane: number,
    link: BrokerLink,
    transactions: TransactionClient,
  ) {
    this.#deps = deps;
    this.#lane = lane;
    this.#link = link;
    this.#transactions = transactions;
    this.#leaders = new Leaders(link, () => performance.now());
  }

  async seed(batchId: string): Promise<void> {
    await this.#once(async () => {
      await this.#transactions.begin();
      await this.#transactions.commitOffset(BATCH_PARTITION, batchId);
      await this.#step('ledger-entry');
      await this.#step('committing');
      await this.#transactions.commit();
      await this.#step('committed');
    });
  }

  async publish(
    batchId: string,
    records: readonly OutgoingRecord[],
    beforeCommit?: () => Promise<void>,
    timestamp?: number,
  ): Promise<void> {
    await this.#once(async () => {
      const leaders = await this.#leaders.of(new Set(records.map((record) => record.topic)));
      const rounds = planRounds(records, leaders, this.#deps.limits);
      await this.#transactions.begin();
      await this.#step('begun');
      // Independent of each other within the transaction; both end before either's error is told.
      const halves = await Promise.allSettled([
        this.#transactions
          .commitOffset(BATCH_PARTITION, batchId)
          .then(() => this.#step('ledger-entry')),
        this.#send(rounds, leaders, timestamp),
      ]);
      for (const half of halves) if (half.status === 'rejected') throw half.reason;
      await this.#step('sent');
      if (beforeCommit) await callBack(beforeCommit);
      await this.#step('committing');
      await this.#transactions.commit();
      await this.#step('committed');
    });
  }

  async close(): Promise<void> {
    this.#state = 'dead';
    this.#link.destroy();
  }

  async #send(
    rounds: ReturnType<typeof planRounds>,
    leaders: ReadonlyMap<string, readonly number[]>,
    timestamp: number | undefined,
  ): Promise<void> {
    await this.#transactions.addPartitions(rounds.flat());
    const { client, limits, now, onStep } = this.#deps;
    for (const round of rounds) {
      await produceRound(this.#link, round, {
        transactionalId: laneName(this.#deps.deployment, this.#lane),
        timeout: client.requestTimeout,
        timestamp: timestamp ?? Math.ceil(now()),
        limits,
        producer: (chunk) => this.#transactions.producer(chunk),
        leader: (chunk) => leaders.get(chunk.topic)?.[chunk.partition] ?? -1,
        onPart: onStep && (() => onStep('part-sent')),
      });
    }
  }

  #step(step: PublisherStep): void | Promise<void> {
    return this.#deps.onStep?.(step);
  }

  /** One at a time, and never again after an error: a producer whose call failed is undefined. */
  async #once(work: () => Promise<void>): Promise<void> {
    if (this.#state !== 'ready') {
      const message = `publisher is ${this.#state}`;
      throw new KafkaError({ class: 'producer-dead', code: 'publisher_unusable', message });
    }
    this.#state = 'busy';
    try {
      await work();
      if (this.#state === 'busy') this.#state = 'ready';
    } catch (error) {
      this.#state = 'dead';
      this.#link.destroy();
      throw surfaced(error);
    }
  }
}
