import { planRounds } from './batches.ts';
import { callBack, KafkaError, surfaced } from './errors.ts';
import { Leaders } from './leaders.ts';
import type { BrokerLink } from './link.ts';
import { ledgerTopic } from './names.ts';
import { produceRound } from './produce.ts';
import type { LanePublisher, PublisherDeps } from './publisher.ts';
import type { OutgoingRecord } from './records.ts';

const NO_PRODUCER = {
  producerId: -1n,
  producerEpoch: -1,
  firstSequence: -1,
  transactional: false,
} as const;

/**
 * A publisher without transactions, for brokers or ACLs that forbid them: what `publish` has
 * resolved for is stored by all in-sync replicas; after an error any part of the batch may be, and
 * publishing it again repeats that part under the same `ce_id`. It keeps no ledger.
 * @throws KafkaError classified
 */
export async function openPlainPublisher(deps: PublisherDeps): Promise<LanePublisher> {
  const link = deps.client.createLink();
  try {
    await link.connect(ledgerTopic(deps.deployment));
    return new PlainPublisher(deps, link);
  } catch (error) {
    link.destroy();
    throw surfaced(error);
  }
}

class PlainPublisher implements LanePublisher {
  readonly #deps: PublisherDeps;
  readonly #link: BrokerLink;
  readonly #leaders: Leaders;
  #dead = false;

  constructor(deps: PublisherDeps, link: BrokerLink) {
    this.#deps = deps;
    this.#link = link;
    this.#leaders = new Leaders(link, () => performance.now());
  }

  async seed(): Promise<void> {
    // Without transactions there is no ledger to seed.
  }

  async publish(
    _batchId: string,
    records: readonly OutgoingRecord[],
    beforeCommit?: () => Promise<void>,
    timestamp?: number,
  ): Promise<void> {
    if (this.#dead) {
      const message = 'publisher is dead';
      throw new KafkaError({ class: 'producer-dead', code: 'publisher_unusable', message });
    }
    try {
      await this.#publish(records, beforeCommit, timestamp);
    } catch (error) {
      this.#dead = true;
      this.#link.destroy();
      throw surfaced(error);
    }
  }

  async #publish(
    records: readonly OutgoingRecord[],
    beforeCommit: (() => Promise<void>) | undefined,
    timestamp: number | undefined,
  ): Promise<void> {
    const { client, limits, now, onStep } = this.#deps;
    const leaders = await this.#leaders.of(new Set(records.map((record) => record.topic)));
    const rounds = planRounds(records, leaders, limits);
    // What is sent is visible: the instant has to be awaited before, not after.
    if (beforeCommit) await callBack(beforeCommit);
    for (const round of rounds) {
      await produceRound(this.#link, round, {
        transactionalId: null,
        timeout: client.requestTimeout,
        timestamp: timestamp ?? Math.ceil(now()),
        limits,
        producer: () => NO_PRODUCER,
        leader: (chunk) => leaders.get(chunk.topic)?.[chunk.partition] ?? -1,
        onPart: onStep && (() => onStep('part-sent')),
      });
    }
    await onStep?.('sent');
    await onStep?.('committed');
  }

  async close(): Promise<void> {
    this.#dead = true;
    this.#link.destroy();
  }
}
