import { Kafka, logLevel, type Producer } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTopic, deleteLedgers, deleteTopic } from '../../chaos/services/admin.ts';
import { type KafkaCluster, startCluster } from '../../chaos/services/kafka-cluster.ts';
import { startProxy, type TcpProxy } from '../../chaos/services/proxy.ts';
import { metadataOf } from '../../local/kafka-wire.ts';
import { readTopics, withAdmin } from '../harness/kafka.ts';
import { ownFolder } from '../harness/own-services.ts';

const TOPIC = 'steady';

let cluster: KafkaCluster;
const proxies = new Map<number, TcpProxy>();

beforeAll(async () => {
  cluster = await startCluster({
    dataDir: ownFolder('chaos-cluster'),
    say: () => undefined,
    advertised: async (id, target) => {
      const proxy = await startProxy(target);
      proxies.set(id, proxy);
      return proxy.port;
    },
  });
  await createTopic(cluster.brokers, { topic: TOPIC, partitions: 6 });
});

afterAll(async () => {
  await cluster?.dispose();
  for (const proxy of proxies.values()) await proxy.close();
});

async function withProducer<T>(
  brokers: string[],
  retries: number,
  use: (producer: Producer) => Promise<T>,
): Promise<T> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, requestTimeout: 5_000 });
  const producer = kafka.producer({ retry: { retries, initialRetryTime: 100, maxRetryTime: 500 } });
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

/**
 * One message into each partition, acknowledged by all copies that are in sync. Each by a call of its
 * own: where a call spans two brokers and one of them goes, kafkajs 2.2.4 acknowledges what is lost.
 */
async function produce(producer: Producer, value: string): Promise<void> {
  const partitions = [0, 1, 2, 3, 4, 5];
  const send = (partition: number) =>
    producer.send({ topic: TOPIC, acks: -1, messages: [{ partition, value }] });
  await Promise.all(partitions.map(send));
}

test('three copies, and relays are told of the proxies only', async () => {
  const { nodes, topics } = await metadataOf(cluster.brokers[0] as string, null);
  expect(nodes.toSorted()).toEqual([1, 2, 3]);
  expect(topics.map(({ topic }) => topic).toSorted()).toEqual([
    '__consumer_offsets',
    '__transaction_state',
    TOPIC,
  ]);
  for (const { partitions } of topics) {
    for (const { replicas, inSync } of partitions) {
      expect([replicas.length, inSync.length]).toEqual([3, 3]);
    }
  }
  for (const id of [2, 3]) proxies.get(id)?.cut();
  // It gets to one broker, which tells it of the others.
  await withProducer(cluster.proxied.slice(0, 1), 1, async (producer) => {
    await expect(produce(producer, 'through proxies')).rejects.toThrow();
  });
  await withProducer(cluster.brokers.slice(0, 1), 1, (producer) => produce(producer, 'directly'));
  for (const id of [2, 3]) proxies.get(id)?.heal();
  await withProducer(cluster.proxied.slice(0, 1), 5, (producer) => produce(producer, 'healed'));
});

test('what is acknowledged while each broker is killed in turn is there at the end', async () => {
  const reader = await readTopics(cluster.brokers, [TOPIC]);
  await withProducer(cluster.brokers, 100, async (producer) => {
    for (const node of cluster.nodes) {
      await node.kill();
      await expect(metadataOf(node.address, [])).rejects.toThrow();
      await produce(producer, `without ${node.id}`);
      expect(await cluster.leaderOf(TOPIC, 0)).not.toBe(node.id);
      expect(await cluster.coordinatorOf('any')).not.toBe(node.id);
      await node.start();
      await cluster.untilInSync();
    }
  });
  await reader.drain();
  await reader.close();
  for (const { id } of cluster.nodes) {
    const read = reader.messages.filter(({ value }) => String(value) === `without ${id}`);
    expect(new Set(read.map(({ partition }) => partition)).size).toBe(6);
  }
}, 150_000);

test('topics come and go', async () => {
  const topic = 'fleeting';
  const config = { 'max.message.bytes': '1000' };
  for (let time = 0; time < 2; time++) {
    await createTopic(cluster.brokers, { topic, partitions: 3, config });
    await deleteTopic(cluster.brokers, topic);
    for (const broker of cluster.brokers) {
      expect((await metadataOf(broker, [topic])).topics[0]?.error).toBe(3);
    }
  }
});

test('ledgers are deleted', async () => {
  const groupId = 'chaos-lane-0';
  const committed = () =>
    withAdmin(cluster.brokers, async (admin) => {
      const [ledger] = await admin.fetchOffsets({ groupId, topics: [TOPIC] });
      return ledger?.partitions.find(({ partition }) => partition === 0)?.offset;
    });
  await withAdmin(cluster.brokers, (admin) =>
    admin.setOffsets({ groupId, topic: TOPIC, partitions: [{ partition: 0, offset: '7' }] }),
  );
  expect(await committed()).toBe('7');
  await deleteLedgers(cluster.brokers, 'chaos', [0, 1]);
  expect(await committed()).toBe('-1');
});
