import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';

export interface Received {
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
  readonly partition: number;
  readonly offset: string;
  /** ms since the epoch at which the consumer had it */
  readonly at: number;
}

export interface Reader {
  /** everything so far, in the order of arrival */
  readonly messages: Received[];
  close(): Promise<void>;
}

/** A plain client, apart from the relay's own, so that tests do not judge a bug by itself. */
export function testKafka(brokers: string[]): Kafka {
  return new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING });
}

export async function withAdmin<T>(
  brokers: string[],
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = testKafka(brokers).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Creates a topic with a name of its own. */
export async function testTopic(
  brokers: string[],
  options: { partitions?: number; config?: Record<string, string> } = {},
): Promise<string> {
  const topic = `test-${randomUUID()}`;
  const configEntries = Object.entries(options.config ?? {}).map(([name, value]) => ({
    name,
    value,
  }));
  await withAdmin(brokers, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: options.partitions ?? 3, configEntries }],
    }),
  );
  return topic;
}

/** Reads topics from their beginning, read_committed, until it is closed. */
export async function readTopics(brokers: string[], topics: string[]): Promise<Reader> {
  const consumer = testKafka(brokers).consumer({
    groupId: `test-${randomUUID()}`,
    readUncommitted: false,
    maxWaitTimeInMs: 50,
    retry: { retries: 1_000, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
  const messages: Received[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      messages.push({
        key: message.key === null ? null : message.key.toString(),
        value: message.value as Buffer,
        headers: Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        ),
        partition,
        offset: message.offset,
        at: Date.now(),
      });
    },
  });
  return { messages, close: () => consumer.disconnect() };
}
