import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { murmur2, partitionFor } from '../../relay/kafka/partitioner.ts';
import { bytes, random } from './random.ts';

test('100,000 random keys go to the partitions that kafkajs chooses', () => {
  const choose = Partitioners.DefaultPartitioner();
  const dice = random(11);
  const different: string[] = [];
  for (let i = 0; i < 100_000; i++) {
    const encoding = i % 2 ? 'utf8' : 'hex';
    const key = bytes(dice, dice(50)).toString(encoding);
    const partitions = 1 + dice(64);
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      ...{ partitionErrorCode: 0, partitionId, leader: 1, replicas: [], isr: [] },
    }));
    const theirs = choose({ topic: 't', partitionMetadata, message: { key, value: null } });
    if (partitionFor(Buffer.from(key), partitions) !== theirs) different.push(key);
  }
  expect(different).toEqual([]);
});

// From Kafka's own UtilsTest.testMurmur2.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
])('the hash of %j is the one of the Java client', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test('a topic of one partition takes every key', () => {
  expect(['', 'a', 'ключ'].map((key) => partitionFor(Buffer.from(key), 1))).toEqual([0, 0, 0]);
});
