import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import type { Delivery, LogRecord } from '../../chaos/history.ts';
import { readLive } from '../../chaos/readers/live.ts';
import { readLog } from '../../chaos/readers/log.ts';
import { Kafka, logLevel } from '../../examples/notifier/mended-kafkajs.ts';
import { waitFor } from '../../local/wait.ts';
import { loadSettings } from '../../settings/settings.ts';
import { producing, testTopic } from '../harness/kafka.ts';

const brokers = inject('kafkaBrokers');
const folder = loadSettings().dataDir ?? '/tmp';
const log = (topics: string[]) => readLog({ brokers, topics, folder, say: () => undefined });

/** All byte values, and some that look like what separates fields. */
const anyBytes = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from('\t\n\nCreateTime:1\tPartition:0\tnull\tNO_HEADERS'),
  randomBytes(500),
]);

function withoutTime({ at: _, ...record }: Delivery): LogRecord {
  return record;
}

function sorted<T extends LogRecord>(records: T[]): T[] {
  const place = ({ topic, partition, offset }: LogRecord) => `${topic}/${partition}/${offset}`;
  return records.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** Waits for so many records, committed or not. */
async function untilStored(topic: string, count: number): Promise<void> {
  const kafka = new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `stored-${topic}`, readUncommitted: true });
  let stored = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async () => {
      stored += 1;
    },
  });
  await waitFor('what is behind the transaction', 30_000, () => stored >= count);
  await consumer.disconnect();
}

test('both readers get the same, byte for byte, of several topics and partitions', async () => {
  const topics = [await testTopic(brokers), await testTopic(brokers)].toSorted();
  const [first, second] = topics as [string, string];
  const live = await readLive(brokers, topics);
  await producing(brokers, async (producer) => {
    const headers = { 'content-type': 'a:b,c', ce_time: '2026-01-01T00:00:00.123456Z', tag: 'ü' };
    await producer.send({
      topic: first,
      messages: [
        { partition: 0, key: 'ключ', value: anyBytes, headers, timestamp: '1700000000123' },
        { partition: 0, key: null, value: '', timestamp: '1700000000124' },
        { partition: 2, key: 'null', value: 'null', timestamp: '1700000000125' },
      ],
    });
    await producer.send({ topic: second, messages: [{ partition: 1, value: anyBytes }] });
  });
  await live.drain();
  const deliveries = sorted(live.deliveries());
  await live.close();
  const records = await log(topics);
  expect(records).toEqual(deliveries.map(withoutTime));
  expect(records.find(({ key }) => key === 'ключ')).toEqual({
    topic: first,
    partition: 0,
    offset: 0,
    key: 'ключ',
    payload: anyBytes.toString('base64'),
    headers: { 'content-type': 'a:b,c', ce_time: '2026-01-01T00:00:00.123456Z', tag: 'ü' },
    timestamp: 1_700_000_000_123,
  });
  expect(records).toHaveLength(4);
});

test('neither reader gets what was aborted, and both what came after it', async () => {
  const topic = await testTopic(brokers, { partitions: 1 });
  const live = await readLive(brokers, [topic]);
  const transactional = { transactionalId: `readers-${topic}`, maxInFlightRequests: 1 };
  await producing(
    brokers,
    async (producer) => {
      for (const [value, end] of [
        ['1', 'commit'],
        ['2', 'abort'],
        ['3', 'abort'],
        ['4', 'commit'],
      ] as const) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value: `begun ${value}` }] });
        await transaction.send({ topic, messages: [{ value }] });
        await transaction[end]();
      }
    },
    transactional,
  );
  await live.drain();
  await live.close();
  const values = (records: LogRecord[]) =>
    records.map(({ payload }) => Buffer.from(payload, 'base64').toString());
  expect(values(await log([topic]))).toEqual(['begun 1', '1', 'begun 4', '4']);
  expect(values(live.deliveries())).toEqual(['begun 1', '1', 'begun 4', '4']);
});

test('a transaction that is open is waited for, by both', async () => {
  const topic = await testTopic(brokers, { partitions: 1 });
  const live = await readLive(brokers, [topic]);
  const transactional = { transactionalId: `readers-${topic}`, maxInFlightRequests: 1 };
  await producing(
    brokers,
    async (producer) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: 'late' }] });
      const both = Promise.all([log([topic]), live.drain()]);
      await untilStored(topic, 3);
      await transaction.commit();
      const [records] = await both;
      expect(records).toHaveLength(1);
    },
    transactional,
  );
  await live.close();
  expect(live.deliveries()).toHaveLength(1);
});
