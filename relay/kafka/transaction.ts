import { setTimeout as sleep } from 'node:timers/promises';
import type { Chunk } from './batches.ts';
import { KafkaError, protocolCode, toKafkaError } from './errors.ts';
import type { Broker } from './internals.ts';
import { type BrokerLink, throwRefusal } from './link.ts';
import type { BatchProducer } from './wire.ts';

const CONCURRENT_TRANSACTIONS = 51;
/** ms between repetitions while the broker still writes the markers of the last transaction */
const BACK_OFF = 5;
/** ms after which such a broker counts as away */
const PATIENCE = 10_000;

export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly ledgerTopic: string;
}

/**
 * The transactions of one transactional id on one link, from its `InitProducerId` on: the calls of
 * Kafka's transaction protocol, each sent once. The one exception is `begin`, repeated only when
 * the broker says that it has done nothing yet.
 */
export class TransactionClient {
  readonly #link: BrokerLink;
  readonly #identity: ProducerIdentity;
  #transactions!: Broker;
  #group!: Broker;
  #producerId = -1n;
  #epoch = -1;
  /** next sequence number by topic and partition, as the brokers count it for this epoch */
  #sequences = new Map<string, number>();

  constructor(link: BrokerLink, identity: ProducerIdentity) {
    this.#link = link;
    this.#identity = identity;
  }

  /** Asks who coordinates the transactional id and the ledger's group. */
  async findCoordinators(): Promise<void> {
    const { transactionalId, groupId } = this.#identity;
    this.#transactions = await this.#link.coordinator('transaction', transactionalId);
    this.#group = await this.#link.coordinator('group', groupId);
  }

  /**
   * `InitProducerId`: fences every other producer of the id and has the broker abort its open
   * transaction.
   * @param timeout ms until the broker aborts a transaction of ours
   * @returns false while that abort is under way: ask again
   */
  async init(timeout: number): Promise<boolean> {
    const { transactionalId } = this.#identity;
    try {
      const answer = (await this.#link.call(this.#transactions, 'InitProducerId', {
        transactionalId,
        transactionTimeout: timeout,
      })) as { readonly producerId: string; readonly producerEpoch: number };
      this.#producerId = BigInt(answer.producerId);
      this.#epoch = answer.producerEpoch;
      this.#sequences = new Map();
      return true;
    } catch (error) {
      if (protocolCode(error) === CONCURRENT_TRANSACTIONS) return false;
      throw error;
    }
  }

  /**
   * Opens a transaction by adding the ledger's group to it. Right after a commit the broker answers
   * CONCURRENT_TRANSACTIONS until its markers are written: then nothing has happened and the call
   * is repeated. Everything after it finds the transaction open and is never answered so.
   */
  async begin(): Promise<void> {
    const { groupId } = this.#identity;
    const deadline = performance.now() + PATIENCE;
    for (;;) {
      try {
        await this.#link.call(this.#transactions, 'AddOffsetsToTxn', { ...this.#who(), groupId });
        return;
      } catch (error) {
        const busy = protocolCode(error) === CONCURRENT_TRANSACTIONS;
        if (!busy || performance.now() > deadline) throw error;
      }
      await sleep(BACK_OFF);
    }
  }

  /** Puts an entry of the ledger into the open transaction. */
  async commitOffset(partition: number, metadata: string): Promise<void> {
    const { groupId, ledgerTopic: topic } = this.#identity;
    const topics = [{ topic, partitions: [{ partition, offset: 0, metadata }] }];
    await this.#ledger(() =>
      this.#link.call(this.#group, 'TxnOffsetCommit', { ...this.#who(), groupId, topics }),
    );
  }

  /** Announces the partitions that records are about to be sent to. */
  async addPartitions(chunks: readonly Chunk[]): Promise<void> {
    const byTopic = Map.groupBy(chunks, (chunk) => chunk.topic);
    const topics = [...byTopic].map(([topic, ofTopic]) => ({
      topic,
      partitions: [...new Set(ofTopic.map((chunk) => chunk.partition))],
    }));
    const args = { ...this.#who(), topics };
    await this.#link.call(this.#transactions, 'AddPartitionsToTxn', args, async (decoded) => {
      const { errors } = decoded as AddPartitionsAnswer;
      throwRefusal(
        errors.flatMap(({ topic, partitionErrors }) =>
          partitionErrors.map(({ errorCode }) => [topic, errorCode] as const),
        ),
      );
      return decoded;
    });
  }

  /** The header fields of the next batch of a partition; takes its sequence numbers. */
  producer(chunk: Chunk): BatchProducer {
    const partition = `${chunk.topic}/${chunk.partition}`;
    const firstSequence = this.#sequences.get(partition) ?? 0;
    // Kafka counts from 0 to 2^31 - 1 and round.
    this.#sequences.set(partition, (firstSequence + chunk.records.length) % 2 ** 31);
    const producerId = this.#producerId;
    return { producerId, producerEpoch: this.#epoch, firstSequence, transactional: true };
  }

  /** Commits. An error leaves the outcome unknown. */
  async commit(): Promise<void> {
    const args = { ...this.#who(), transactionResult: true };
    await this.#link.call(this.#transactions, 'EndTxn', args);
  }

  /** Offset metadata of partitions of the ledger in one answer; null where there is none. */
  async readOffsets(partitions: readonly number[]): Promise<Map<number, string | null>> {
    const { groupId, ledgerTopic: topic } = this.#identity;
    const topics = [{ topic, partitions: partitions.map((partition) => ({ partition })) }];
    const answer = (await this.#ledger(() =>
      this.#link.call(this.#group, 'OffsetFetch', { groupId, topics }),
    )) as OffsetFetchAnswer;
    const entries = answer.responses[0]?.partitions ?? [];
    return new Map(entries.map(({ partition, metadata }) => [partition, metadata || null]));
  }

  #who() {
    const { transactionalId } = this.#identity;
    return { transactionalId, producerId: this.#producerId, producerEpoch: this.#epoch };
  }

  /** What a broker has against our own ledger topic is no event's fault. */
  async #ledger<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      const known = toKafkaError(error);
      if (!(known instanceof KafkaError) || known.class !== 'event') throw error;
      const message = `ledger topic ${this.#identity.ledgerTopic}: ${known.message}`;
      throw new KafkaError(
        { class: 'configuration', code: `ledger_${known.code}`, message },
        error,
      );
    }
  }
}

interface AddPartitionsAnswer {
  readonly errors: {
    readonly topic: string;
    readonly partitionErrors: { readonly partition: number; readonly errorCode: number }[];
  }[];
}

interface OffsetFetchAnswer {
  readonly responses: {
    readonly partitions: { readonly partition: number; readonly metadata: string | null }[];
  }[];
}
