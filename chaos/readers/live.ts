import { type Received, readTopics } from '../../test/harness/kafka.ts';
import type { Delivery } from '../history.ts';

/** Gets what is published as it comes, until it is closed. */
export interface LiveReader {
  /** so far, in the order of arrival */
  deliveries(): Delivery[];
  /**
   * Waits until everything has come that is on the topics now.
   * @param limit ms, default 60,000: a consumer whose coordinator was killed stalls for some 20 s
   * @throws Error after that
   */
  drain(limit?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A read_committed consumer of topics from their beginning, on kafkajs. It survives that brokers are
 * killed, as long as the topics stay: one that is deleted and created again gets a reader for each
 * time, drained and closed before it is deleted, for its offsets begin anew.
 * @param brokers `host:port` each, directly
 */
export async function readLive(
  brokers: readonly string[],
  topics: readonly string[],
): Promise<LiveReader> {
  const reader = await readTopics([...brokers], [...topics]);
  return {
    deliveries: () => reader.messages.map(deliveryOf),
    drain: (limit = 60_000) => reader.drain(limit),
    close: () => reader.close(),
  };
}

function deliveryOf({ value, offset, ...rest }: Received): Delivery {
  return { ...rest, offset: Number(offset), payload: value.toString('base64') };
}
