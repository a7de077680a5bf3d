import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import type { PublisherStep } from '../../relay/kafka/publisher.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { failureOf, type Lanes, record, testLanes } from './lanes.ts';

const brokers = inject('kafkaBrokers');
let lanes: Lanes;
let topic: string;
let single: string;
let reader: Reader;

beforeAll(async () => {
  lanes = await testLanes(brokers);
  topic = await testTopic(brokers);
  single = await testTopic(brokers, { partitions: 1 });
  reader = await readTopics(brokers, [topic, single]);
});

afterAll(async () => {
  await reader?.close();
  await lanes?.closeAll();
});

const times = (key: string) => reader.messages.filter((message) => message.key === key).length;
const arrival = (key: string) => waitFor(`${key} arrives`, 10_000, () => times(key) > 0);

test('a batch of several topics and keys is visible once when publish has resolved', async () => {
  const { publisher } = await lanes.open(0);
  const all = Array.from({ length: 50 }, (_, i) => `several-${i}`);
  const records = all.map((key, i) => record(i % 2 ? topic : single, key, `value of ${key}`));
  await publisher.publish(randomUUID(), records);
  await publisher.publish(randomUUID(), [record(topic, 'after-1'), record(single, 'after-2')]);
  await Promise.all([...all, 'after-1', 'after-2'].map(arrival));
  expect(all.map(times)).toEqual(all.map(() => 1));
  const message = reader.messages.find(({ key }) => key === 'several-7');
  expect(message?.value.toString()).toBe('value of several-7');
  expect(message?.headers).toEqual({ ce_id: 'several-7' });
});

test('many batches of one publisher arrive once and in order within a partition', async () => {
  const { publisher } = await lanes.open(1);
  for (let i = 0; i < 30; i++) {
    const records = [0, 1, 2].map((j) => record(single, `order-${i}-${j}`));
    await publisher.publish(randomUUID(), records);
  }
  await arrival('order-29-2');
  const seen = reader.messages.map(({ key }) => key).filter((key) => key?.startsWith('order-'));
  expect(seen).toEqual(
    Array.from({ length: 30 }, (_, i) => [0, 1, 2].map((j) => `order-${i}-${j}`)).flat(),
  );
});

test('a batch of several rounds is one transaction', async () => {
  const { publisher } = await lanes.open(2);
  const value = Buffer.alloc(850_000, 1);
  const all = Array.from({ length: 12 }, (_, i) => `large-${i}`);
  let visibleBefore = 0;
  await publisher.publish(
    randomUUID(),
    all.map((key) => record(single, key, value)),
    async () => {
      visibleBefore = all.filter((key) => times(key) > 0).length;
    },
  );
  await Promise.all(all.map(arrival));
  expect(visibleBefore).toBe(0);
  expect(all.map(times)).toEqual(all.map(() => 1));
  await publisher.close();
});

test('nothing is visible before beforeCommit has resolved, although it is with the broker', async () => {
  const steps: PublisherStep[] = [];
  const { publisher } = await lanes.open(3, { onStep: (step) => void steps.push(step) });
  const other = await lanes.open(4);
  await publisher.publish(randomUUID(), [record(single, 'ahead')], async () => {
    expect(steps.at(-1)).toBe('sent');
    await other.publisher.publish(randomUUID(), [record(topic, 'meanwhile')]);
    await arrival('meanwhile');
    expect(times('ahead')).toBe(0);
  });
  await arrival('ahead');
});

test('the steps are told in the order of the protocol', async () => {
  const steps: PublisherStep[] = [];
  const { publisher } = await lanes.open(5, { onStep: (step) => void steps.push(step) });
  expect(steps).toEqual(['init', 'barrier', 'ledger-read']);
  steps.length = 0;
  await publisher.publish(randomUUID(), [record(topic, 'steps')]);
  const order = ['begun', 'ledger-entry', 'part-sent', 'sent', 'committing', 'committed'];
  expect(new Set(steps)).toEqual(new Set(order));
  // The entry and the records go at the same time.
  const rank = (step: string) => order.indexOf(step === 'part-sent' ? 'ledger-entry' : step);
  expect(steps.map(rank)).toEqual(steps.map(rank).sort((a, b) => a - b));
});

test('the error of beforeCommit comes back as it was, the batch is absent, the publisher of no use', async () => {
  const { publisher } = await lanes.open(6);
  const mine = new Error('postgres is away');
  const publishing = publisher.publish(randomUUID(), [record(single, 'thrown')], async () => {
    throw mine;
  });
  await expect(publishing).rejects.toBe(mine);
  expect(await failureOf(publisher.publish(randomUUID(), []))).toMatchObject({
    class: 'producer-dead',
    code: 'publisher_unusable',
  });
  const next = await lanes.open(6);
  expect(next.ledger).toBeNull();
  await next.publisher.publish(randomUUID(), [record(single, 'after thrown')]);
  await arrival('after thrown');
  expect(times('thrown')).toBe(0);
});

test('a publisher that is busy refuses a second batch', async () => {
  const { publisher } = await lanes.open(7);
  const [first, second] = await Promise.allSettled([
    publisher.publish(randomUUID(), [record(topic, 'busy-1')]),
    publisher.publish(randomUUID(), [record(topic, 'busy-2')]),
  ]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ reason: { code: 'publisher_unusable' } });
  await publisher.publish(randomUUID(), [record(topic, 'busy-3')]);
});

test('a timestamp that is given is the one of the messages, else it is the time of sending', async () => {
  const { publisher } = await lanes.open(8, { now: () => 1_700_000_000_000 });
  const { publisher: given } = await lanes.open(9);
  await publisher.publish(randomUUID(), [record(single, 'sent at')]);
  await given.publish(randomUUID(), [record(single, 'given')], undefined, 1_600_000_000_000);
  await Promise.all(['sent at', 'given'].map(arrival));
  const at = (key: string) => reader.messages.find((message) => message.key === key)?.timestamp;
  expect([at('sent at'), at('given')]).toEqual([1_700_000_000_000, 1_600_000_000_000]);
});
