import { expect, test } from 'vitest';
import { BatchLimits, type Chunk, planRounds } from '../../relay/kafka/batches.ts';
import { KafkaError } from '../../relay/kafka/errors.ts';
import { sizeRecord, writeBatch } from '../../relay/kafka/wire.ts';
import { record } from './lanes.ts';
import { random } from './random.ts';

const leaders = (topics: Record<string, number>) =>
  new Map(Object.entries(topics).map(([topic, n]) => [topic, new Array<number>(n).fill(1)]));
const keys = (chunk: Chunk) => chunk.records.map(({ record: { key } }) => key);
const sized = (topic: string, key: string, size: number) => record(topic, key, Buffer.alloc(size));
const place = ({ topic, partition }: Chunk) => `${topic}/${partition}`;
const bytesOf = (round: Chunk[]) => round.reduce((sum, { size }) => sum + size, 0);

/** 600 records of up to 40 kB, of 90 keys, for two topics. */
function manyRecords() {
  const dice = random(5);
  return Array.from({ length: 600 }, (_, i) =>
    record(i % 3 ? 'a' : 'b', `${dice(90)}`, Buffer.alloc(4 + dice(40_000)).fill(i, 0, 4)),
  );
}

test('every record is in the rounds once, those of a key in their order', () => {
  const records = manyRecords();
  const rounds = planRounds(records, leaders({ a: 4, b: 1 }), new BatchLimits());
  const planned = rounds.flat().flatMap((chunk) => chunk.records.map((one) => one.record));
  expect(new Set(planned)).toEqual(new Set(records));
  expect(planned.length).toBe(records.length);
  for (const topic of ['a', 'b']) {
    for (let key = 0; key < 90; key++) {
      const mine = (one: { topic: string; key: string }) =>
        one.topic === topic && one.key === `${key}`;
      expect(planned.filter(mine)).toEqual(records.filter(mine));
    }
  }
});

test('records of one key go to one partition, those of many keys to all', () => {
  const rounds = planRounds(manyRecords(), leaders({ a: 4, b: 1 }), new BatchLimits());
  const placesOf = Map.groupBy(
    rounds
      .flat()
      .flatMap((chunk) => keys(chunk).map((key) => [`${chunk.topic} ${key}`, place(chunk)])),
    ([key]) => key,
  );
  for (const places of placesOf.values()) expect(new Set(places.map(([, p]) => p)).size).toBe(1);
  expect(new Set(rounds.flat().map(place))).toEqual(new Set(['a/0', 'a/1', 'a/2', 'a/3', 'b/0']));
});

test('a round has one batch of a partition at most, none above 900 kB', () => {
  const rounds = planRounds(manyRecords(), leaders({ a: 4, b: 1 }), new BatchLimits());
  expect(rounds.length).toBeGreaterThan(1);
  for (const round of rounds) {
    expect(new Set(round.map(place)).size).toBe(round.length);
    for (const chunk of round) expect(chunk.size).toBeLessThanOrEqual(900_000);
  }
});

test('a round carries 8 MB at most, so that memory is bounded', () => {
  const records = Array.from({ length: 60 }, (_, i) => sized('a', `key ${i}`, 890_000));
  const rounds = planRounds(records, leaders({ a: 40 }), new BatchLimits());
  expect(rounds.flat().length).toBe(60);
  for (const round of rounds) expect(bytesOf(round)).toBeLessThanOrEqual(8_000_000);
});

test('what fits into one round is one round', () => {
  const records = Array.from({ length: 1_000 }, (_, i) => sized('a', `${i}`, 200));
  expect(planRounds(records, leaders({ a: 6 }), new BatchLimits()).length).toBe(1);
});

test('a record above the limit travels alone and the others around it', () => {
  const records = [sized('a', '1', 10), sized('a', '2', 20_000_000), sized('a', '3', 10)];
  const rounds = planRounds(records, leaders({ a: 1 }), new BatchLimits());
  expect(rounds.map((round) => round.map(keys))).toEqual([[['1']], [['2']], [['3']]]);
});

test('the size of a batch is never less than what is written of it', () => {
  for (const chunk of planRounds(
    manyRecords(),
    leaders({ a: 4, b: 1 }),
    new BatchLimits(),
  ).flat()) {
    const out = Buffer.alloc(chunk.size);
    const producer = { producerId: 1n, producerEpoch: 0, firstSequence: 0, transactional: true };
    expect(writeBatch(out, 0, chunk.records, 0, producer)).toBeLessThanOrEqual(chunk.size);
  }
});

test.each([
  ['nobody knows', {}],
  ['has no partitions', { gone: 0 }],
])('a topic that %s is named in the error', (_name, partitions) => {
  const plan = () =>
    planRounds(
      [record('a', '1'), record('gone', '2')],
      leaders({ a: 1, ...partitions }),
      new BatchLimits(),
    );
  expect(plan).toThrow(KafkaError);
  expect(plan).toThrow(
    expect.objectContaining({ class: 'event', code: 'unknown_topic', topic: 'gone' }),
  );
});

test('nothing to publish is no rounds', () => {
  expect(planRounds([], new Map(), new BatchLimits())).toEqual([]);
});

const chunk = (topic: string, ...sizes: number[]): Chunk => {
  const records = sizes.map((size) => sizeRecord(sized(topic, 'k', size)));
  const size = records.reduce((sum, one) => sum + one.size, 61);
  return { topic, partition: 0, records, size };
};

test('a refused batch halves the limit of its topic and of no other', () => {
  const limits = new BatchLimits();
  const refused = chunk('a', 1_000, 1_000, 1_000, 1_000);
  limits.refused(refused);
  expect(limits.limit('a')).toBe(Math.floor(refused.size / 2));
  expect(limits.limit('b')).toBe(900_000);
  const records = Array.from({ length: 4 }, () => sized('a', 'k', 1_000));
  const rounds = planRounds(records, leaders({ a: 1 }), limits);
  expect(rounds.flat().every(({ size }) => size <= limits.limit('a'))).toBe(true);
});

test('a refused single record leaves the limit alone: that record is to blame', () => {
  const limits = new BatchLimits();
  limits.refused(chunk('a', 2_000_000));
  expect(limits.limit('a')).toBe(900_000);
});

test('the limit does not sink below the largest record, and never rises', () => {
  const limits = new BatchLimits();
  limits.refused(chunk('a', 50_000, 10));
  expect(limits.limit('a')).toBe(61 + sizeRecord(sized('a', 'k', 50_000)).size);
  limits.refused(chunk('a', 400_000, 400_000));
  expect(limits.limit('a')).toBe(61 + sizeRecord(sized('a', 'k', 50_000)).size);
});
