import { randomUUID } from 'node:crypto';
import type { Admin, KafkaMessage, Producer, ProducerConfig } from 'kafkajs';
import { Kafka, logLevel } from '../../examples/notifier/mended-kafkajs.ts';
import { waitFor } from '../../local/wait.ts';

export interface Received {
  readonly topic: string;
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
  readonly partition: number;
  readonly offset: string;
  /** ms since the epoch, as the producer wrote it */
  readonly timestamp: number;
  /** ms since the epoch at which the consumer had it */
  readonly at: number;
}

export interface Reader {
  /** everything so far, in the order of arrival */
  readonly messages: Received[];
  /**
   * Waits until everything that is on the topics now has been read: a marker that is written behind
   * it, in every partition, has arrived. An open transaction before the marker is waited for, too.
   * @param limitMs milliseconds, default 30,000
   */
  drain(limitMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Header of a record that says: everything before has been read. */
export const MARKER = 'test-marker';

/** A plain client, apart from the relay's own, so that tests do not judge a bug by itself. */
function testKafka(brokers: string[]): InstanceType<typeof Kafka> {
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

export interface TopicOptions {
  readonly name?: string;
  readonly partitions?: number;
  readonly config?: Record<string, string>;
}

/** Creates a topic if it is not there, by default with a name of its own. */
export async function testTopic(brokers: string[], options: TopicOptions = {}): Promise<string> {
  const topic = options.name ?? `test-${randomUUID()}`;
  const configEntries = Object.entries(options.config ?? {}).map(([name, value]) => ({
    name,
    value,
  }));
  await withAdmin(brokers, async (admin) => {
    // One with a name outlives the run that created it.
    const isThere = options.name && (await admin.listTopics()).includes(options.name);
    if (!isThere) {
      await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions: options.partitions ?? 3, configEntries }],
      });
    }
    await untilServed(admin, topic);
  });
  return topic;
}

/**
 * Waits until the leaders of a new topic answer for it: the metadata names them a moment before they
 * know it, and what is sent to them meanwhile is refused as not_leader.
 */
export async function untilServed(admin: Admin, topic: string): Promise<void> {
  await waitFor('the leaders of the topic serve it', 10_000, async () => {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.length > 0;
  });
}

/** Reads topics from their beginning, read_committed, until it is closed. */
export async function readTopics(brokers: string[], topics: string[]): Promise<Reader> {
  const consumer = testKafka(brokers).consumer({
    groupId: `test-${randomUUID()}`,
    readUncommitted: false,
    maxWaitTimeInMs: 50,
    // The shortest that a broker takes: after its restart the old member has to lapse first.
    sessionTimeout: 6_000,
    rebalanceTimeout: 6_000,
    heartbeatInterval: 1_000,
    retry: {
      ...{ retries: 1_000, initialRetryTime: 100, maxRetryTime: 1_000 },
      // Whatever a broker that is killed has it stumble over.
      restartOnFailure: async () => true,
    },
  });
  const messages: Received[] = [];
  const markers = new Set<string>();
  /** by partition: what a consumer that joins again gets a second time is no second message */
  const read = new Map<string, number>();
  await consumer.connect();
  // A broker may have forgotten for a moment what the controller has just created.
  await waitFor('the topics can be read', 10_000, async () => {
    await consumer.subscribe({ topics, fromBeginning: true });
    return true;
  });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const offset = Number(message.offset);
      if (offset <= (read.get(`${topic}/${partition}`) ?? -1)) return;
      read.set(`${topic}/${partition}`, offset);
      const marker = message.headers?.[MARKER];
      if (marker === undefined) messages.push(received(topic, partition, message));
      else markers.add(`${topic}/${partition}/${marker}`);
    },
  });
  return {
    messages,
    drain: async (limitMs = 30_000) => {
      const expected = await writeMarkers(brokers, topics);
      await waitFor('the reader has read everything', limitMs, () =>
        expected.every((marker) => markers.has(marker)),
      );
    },
    close: () => consumer.disconnect(),
  };
}

function received(topic: string, partition: number, message: KafkaMessage): Received {
  return {
    topic,
    key: message.key === null ? null : message.key.toString(),
    value: message.value as Buffer,
    headers: Object.fromEntries(
      Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    partition,
    offset: message.offset,
    timestamp: Number(message.timestamp),
    at: Date.now(),
  };
}

/**
 * Writes a marker behind everything, into every partition of topics.
 * @returns `<topic>/<partition>/<value of the header>` of each
 */
export async function writeMarkers(brokers: string[], topics: string[]): Promise<string[]> {
  const id = randomUUID();
  const metadata = await withAdmin(brokers, (admin) => admin.fetchTopicMetadata({ topics }));
  const topicMessages = metadata.topics.map(({ name, partitions }) => ({
    topic: name,
    messages: partitions.map(({ partitionId }) => ({
      partition: partitionId,
      value: '',
      headers: { [MARKER]: id },
    })),
  }));
  await producing(brokers, (producer) => producer.sendBatch({ topicMessages }));
  return topicMessages.flatMap(({ topic, messages }) =>
    messages.map(({ partition }) => `${topic}/${partition}/${id}`),
  );
}

/** Uses a producer that has nothing to do with the relay's. */
export async function producing<T>(
  brokers: string[],
  use: (producer: Producer) => Promise<T>,
  config: ProducerConfig = {},
): Promise<T> {
  const producer = testKafka(brokers).producer({
    allowAutoTopicCreation: false,
    // What it writes may be written twice: nobody minds.
    retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 },
    ...config,
  });
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}
