import { type Admin, Kafka, logLevel } from 'kafkajs';
import { waitFor } from '../../local/wait.ts';
import { untilGone } from './kafka-questions.ts';

/** ms: with one broker down its copies have to be given up first */
const LIMIT = 20_000;

export interface TopicOptions {
  readonly topic: string;
  readonly partitions: number;
  /** such as `{ 'max.message.bytes': '1000' }` */
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * Creates a topic with the cluster's default replication, and waits until its leaders serve it.
 * @param brokers `host:port` each, directly
 * @throws Error when it is there already, or is not served in 20 s
 */
export async function createTopic(
  brokers: string[],
  { topic, partitions, config = {} }: TopicOptions,
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  await withAdmin(brokers, async (admin) => {
    const created = await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: partitions, replicationFactor: -1, configEntries }],
    });
    if (!created) throw new Error(`topic ${topic} is there already`);
    // The metadata names the leaders a moment before they know it.
    await waitFor(`the leaders of ${topic} serve it`, LIMIT, async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.length === partitions;
    });
  });
}

/**
 * Deletes a topic with all its records, and waits until no broker knows it any more.
 * @param brokers `host:port` each, directly
 * @throws Error when it is not there, or does not go in 20 s
 */
export async function deleteTopic(brokers: string[], topic: string): Promise<void> {
  await withAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] }));
  await untilGone(brokers, topic, LIMIT);
}

/**
 * Deletes the ledgers of lanes: what their groups have committed. A transaction that is still open may
 * write one anew when it is committed: nobody should be working.
 * @param brokers `host:port` each, directly
 * @param deployment whose
 * @param lanes their numbers
 * @throws Error when one is not gone in 20 s
 */
export async function deleteLedgers(
  brokers: string[],
  deployment: string,
  lanes: readonly number[],
): Promise<void> {
  await withAdmin(brokers, async (admin) => {
    for (const lane of lanes) {
      const groupId = `${deployment}-lane-${lane}`;
      await waitFor(`the ledger of lane ${lane} is gone`, LIMIT, async () => {
        if (await isGone(admin, groupId)) return true;
        await admin.deleteGroups([groupId]);
        return isGone(admin, groupId);
      });
    }
  });
}

async function isGone(admin: Admin, groupId: string): Promise<boolean> {
  const topics = await admin.fetchOffsets({ groupId });
  return topics.every(({ partitions }) => partitions.every(({ offset }) => offset === '-1'));
}

async function withAdmin<T>(brokers: string[], use: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new Kafka({ brokers, clientId: 'chaos', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}
