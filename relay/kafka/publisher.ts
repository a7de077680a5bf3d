import type { BatchLimits } from './batches.ts';
import type { KafkaClient } from './client.ts';
import type { OutgoingRecord } from './records.ts';

/**
 * Publishes the batches of one lane, one after another. Disposable: after any error it is of no
 * use, and what became of the batch is for the ledger to say.
 */
export interface LanePublisher {
  /**
   * Writes the ledger entry in a transaction of its own: at install, on an operator's reseed, and
   * daily with the batch id that it has already, because committed offsets expire.
   * @param batchId UUID
   */
  seed(batchId: string): Promise<void>;

  /**
   * All records and the ledger entry in one transaction.
   * @param batchId UUID
   * @param records of any topics and keys; those of one key keep their order
   * @param beforeCommit awaited when everything is with the brokers and before it is committed, so
   *   that a batch can be filled ahead of its instant; the transaction times out after 10 s
   * @param timestamp of the records, ms since the epoch; default: when they are sent, which
   *   `beforeCommit` may make earlier than the instant
   * @returns when the transaction is committed
   * @throws KafkaError classified, or what `beforeCommit` threw; the publisher is dead then. Of no
   *   class does it follow that the batch is absent: the ledger tells
   */
  publish(
    batchId: string,
    records: readonly OutgoingRecord[],
    beforeCommit?: () => Promise<void>,
    timestamp?: number,
  ): Promise<void>;

  /** Cuts the connections at once; what is in flight is rejected. */
  close(): Promise<void>;
}

export interface PublisherDeps {
  readonly client: KafkaClient;
  /** name of the deployment */
  readonly deployment: string;
  /** shared by all lanes of the relay */
  readonly limits: BatchLimits;
  /** ms since the epoch, for the records' timestamps: the database's clock (invariant I7) */
  readonly now: () => number;
  /** ms until the broker aborts an open transaction; default 10,000 */
  readonly transactionTimeout?: number;
  /** Called and awaited at each named step, so that tests can stop or kill exactly there. */
  readonly onStep?: (step: PublisherStep) => void | Promise<void>;
}

/**
 * `init`: former producers are fenced; `barrier`: its transaction is committed; `ledger-read`: its
 * token has shown; `begun`: the broker has opened the transaction; `ledger-entry`: the batch id is
 * in it; `part-sent`: one broker has answered for its share of the records; `sent`: all have;
 * `committing`: the commit is sent next; `committed`: the broker has said so.
 */
export type PublisherStep =
  | 'init'
  | 'barrier'
  | 'ledger-read'
  | 'begun'
  | 'ledger-entry'
  | 'part-sent'
  | 'sent'
  | 'committing'
  | 'committed';
