import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from './client.ts';
import { BrokerRefusal, KafkaError, protocolCode, toKafkaError } from './errors.ts';
import type { BrokerLink } from './link.ts';
import { ledgerTopic } from './names.ts';

const LEDGER_PARTITIONS = 2;
const UNKNOWN_TOPIC = 3;
const TOPIC_ALREADY_EXISTS = 36;

/** What install and start must know of a Kafka cluster. */
export interface ClusterFacts {
  /** Kafka's own id of the cluster */
  readonly clusterId: string;
}

/**
 * Creates the ledger topic of a deployment if it is missing (two partitions, the broker's default
 * replication) and reads the cluster's id. Repeating it is harmless.
 * @throws KafkaError `configuration` if the topic may not be created, read or has one partition
 */
export async function ensureLedger(client: KafkaClient, deployment: string): Promise<ClusterFacts> {
  const link = client.createLink();
  const topic = ledgerTopic(deployment);
  try {
    await link.connect(topic);
    const metadata = await link.metadata([topic]);
    const [found] = metadata.topics;
    if (found?.errorCode === UNKNOWN_TOPIC) await createTopic(link, topic, LEDGER_PARTITIONS);
    else if (found && found.errorCode !== 0) throw new BrokerRefusal(found.errorCode, topic);
    else if ((found?.leaders.length ?? 0) < LEDGER_PARTITIONS) throw tooFewPartitions(topic);
    return { clusterId: metadata.clusterId };
  } catch (error) {
    throw asConfiguration(topic, error);
  } finally {
    link.destroy();
  }
}

/**
 * Creates a topic with the broker's default replication and waits until it can be seen. One that
 * exists already, because another relay was quicker, is as good.
 * @param partitions -1 for the broker's default
 */
export async function createTopic(
  link: BrokerLink,
  topic: string,
  partitions: number,
): Promise<void> {
  const { controllerId } = await link.metadata([topic]);
  const controller = await link.broker(controllerId);
  const topics = [{ topic, numPartitions: partitions, replicationFactor: -1 }];
  try {
    await link.call(controller, 'CreateTopics', { topics, validateOnly: false, timeout: 5_000 });
  } catch (error) {
    if (protocolCode(error) !== TOPIC_ALREADY_EXISTS) throw error;
  }
  for (let attempt = 1; ; attempt++) {
    const [seen] = (await link.metadata([topic])).topics;
    if (seen?.errorCode === 0 && seen.leaders.every((leader) => leader >= 0)) return;
    if (attempt >= 50) throw new BrokerRefusal(5, topic);
    await sleep(20);
  }
}

function tooFewPartitions(topic: string): KafkaError {
  return new KafkaError({
    class: 'configuration',
    code: 'ledger_partitions',
    message: `ledger topic ${topic} needs ${LEDGER_PARTITIONS} partitions`,
  });
}

function asConfiguration(topic: string, error: unknown): Error {
  const known = toKafkaError(error);
  if (!(known instanceof KafkaError) || known.class !== 'event') return known;
  const message = `ledger topic ${topic}: ${known.message}`;
  return new KafkaError({ class: 'configuration', code: `ledger_${known.code}`, message }, error);
}
