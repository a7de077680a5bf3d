import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { BatchLimits } from '../../relay/kafka/batches.ts';
import type { OutgoingRecord } from '../../relay/kafka/records.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { createTopic, deleteTopic, failureOf, type Lanes, record, testLanes } from './lanes.ts';

const brokers = inject('kafkaBrokers');
let lanes: Lanes;
let good: string;
let small: string;
let reader: Reader;

beforeAll(async () => {
  lanes = await testLanes(brokers);
  good = await testTopic(brokers, { partitions: 1 });
  small = await testTopic(brokers, { partitions: 2, config: { 'max.message.bytes': '20000' } });
  reader = await readTopics(brokers, [good, small]);
});

afterAll(async () => {
  await reader?.close();
  await lanes?.closeAll();
});

const seen = () => reader.messages.map((message) => message.key);
const DAY = 86_400_000;

test.each<[string, string, string, () => OutgoingRecord]>([
  ['to an unknown topic', 'event', 'unknown_topic', () => record('nowhere', 'bad')],
  ['to a topic with an invalid name', 'event', 'invalid_topic', () => record('a b', 'bad')],
  ['to a topic whose name is "."', 'event', 'invalid_topic', () => record('.', 'bad')],
  ['to a topic with an empty name', 'event', 'invalid_topic', () => record('', 'bad')],
  [
    'larger than the broker takes',
    'event',
    'record_too_large',
    () => record(good, 'bad', Buffer.alloc(1_100_000)),
  ],
  [
    'larger than its topic takes',
    'event',
    'record_too_large',
    () => record(small, 'bad', Buffer.alloc(20_001)),
  ],
])(
  'a record %s is its own fault, names the topic, and takes its batch along',
  async (name, kind, code, bad) => {
    const { publisher } = await lanes.open(0);
    const before = randomUUID();
    await publisher.seed(before);
    const records = [record(good, `with one ${name}`), bad()];
    const failure = await failureOf(publisher.publish(randomUUID(), records));
    expect(failure).toMatchObject({ class: kind, code, topic: bad().topic });
    const next = await lanes.open(0);
    expect(next.ledger).toBe(before);
    await next.publisher.publish(randomUUID(), [record(good, `after one ${name}`)]);
    await waitFor('what came after arrives', 10_000, () => seen().includes(`after one ${name}`));
    expect(seen()).not.toContain(`with one ${name}`);
  },
);

test('a timestamp that the topic does not take is the fault of its records', async () => {
  const { publisher } = await lanes.open(1);
  const far = Date.now() + 30 * DAY;
  const publishing = publisher.publish(randomUUID(), [record(good, 'far')], undefined, far);
  expect(await failureOf(publishing)).toMatchObject({
    ...{ class: 'event', code: 'invalid_timestamp', topic: good },
  });
});

test('a topic that is deleted under an open publisher is named, the other lanes go on', async () => {
  const doomed = await testTopic(brokers);
  const [hit, unhurt] = await Promise.all([lanes.open(3), lanes.open(4)]);
  await hit.publisher.publish(randomUUID(), [record(doomed, 'was there')]);
  await unhurt.publisher.publish(randomUUID(), [record(doomed, 'was there, too')]);
  await deleteTopic(brokers, doomed);
  const records = [record(good, 'with deleted'), record(doomed, 'gone')];
  const failure = await failureOf(hit.publisher.publish(randomUUID(), records));
  expect(failure).toMatchObject({ class: 'event', code: 'unknown_topic', topic: doomed });
  await unhurt.publisher.publish(randomUUID(), [record(good, 'beside deleted')]);
  await waitFor('it arrives', 10_000, () => seen().includes('beside deleted'));
  expect(seen()).not.toContain('with deleted');
});

test('a topic that was made after a refusal takes its records from the next publisher', async () => {
  const { publisher } = await lanes.open(5);
  const topic = `test-${randomUUID()}`;
  const refused = await failureOf(publisher.publish(randomUUID(), [record(topic, 'early')]));
  expect(refused.code).toBe('unknown_topic');
  await createTopic(brokers, topic);
  const next = await lanes.open(5);
  await next.publisher.publish(randomUUID(), [record(topic, 'in time')]);
});

test('a batch too large for its topic is halved until it fits; no record is blamed', async () => {
  const limits = new BatchLimits();
  const records = Array.from({ length: 300 }, (_, i) =>
    record(small, `s${i}`, Buffer.alloc(1_000)),
  );
  let refused = 0;
  await waitFor('it fits', 20_000, async () => {
    const { publisher } = await lanes.open(6, { limits });
    try {
      await publisher.publish(randomUUID(), records);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'record_too_large', topic: small });
      refused++;
      return false;
    }
  });
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(12);
  const small_ = () => seen().filter((key) => key?.startsWith('s'));
  await waitFor('all arrive', 10_000, () => small_().length >= records.length);
  expect(new Set(small_())).toEqual(new Set(records.map(({ key }) => key)));
  expect(small_().length).toBe(records.length);
});
