import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { openPlainPublisher } from '../../relay/kafka/at-least-once.ts';
import type { LanePublisher, PublisherDeps } from '../../relay/kafka/publisher.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { failureOf, type Lanes, record, relayClient, testLanes } from './lanes.ts';
import { type KafkaProxy, startProxy } from './proxy.ts';

const brokers = inject('kafkaBrokers');
let lanes: Lanes;
let topic: string;
let reader: Reader;
let proxy: KafkaProxy;
let opened: LanePublisher[] = [];

beforeAll(async () => {
  lanes = await testLanes(brokers);
  topic = await testTopic(brokers);
  reader = await readTopics(brokers, [topic]);
});

beforeEach(async () => {
  proxy = await startProxy(brokers[0] as string);
});

afterEach(async () => {
  await Promise.all(opened.map((publisher) => publisher.close()));
  opened = [];
  await proxy.close();
});

afterAll(async () => {
  await reader?.close();
  await lanes?.closeAll();
});

async function open(more: Partial<PublisherDeps> = {}): Promise<LanePublisher> {
  const publisher = await openPlainPublisher(lanes.deps(more));
  opened.push(publisher);
  return publisher;
}

const behindProxy = () => ({ client: relayClient(proxy.brokers, { requestTimeout: 500 }) });
const times = (key: string) => reader.messages.filter((message) => message.key === key).length;
const arrival = (key: string) => waitFor(`${key} arrives`, 10_000, () => times(key) > 0);

test('what publish has resolved for is stored, once where nothing failed', async () => {
  const publisher = await open();
  const keys = Array.from({ length: 40 }, (_, i) => `plain ${i}`);
  await publisher.publish(
    randomUUID(),
    keys.map((key) => record(topic, key)),
  );
  await publisher.publish(
    randomUUID(),
    [0, 1, 2, 3, 4].map((i) => record(topic, `plain end ${i}`)),
  );
  await Promise.all([...keys, 'plain end 4'].map(arrival));
  expect(keys.map(times)).toEqual(keys.map(() => 1));
});

test('nothing is sent before beforeCommit has resolved, nor at all when it fails', async () => {
  const publisher = await open();
  const other = await open();
  await publisher.publish(randomUUID(), [record(topic, 'held')], async () => {
    await other.publish(randomUUID(), [record(topic, 'held')]);
    await arrival('held');
    expect(times('held')).toBe(1);
  });
  await waitFor('both arrive', 10_000, () => times('held') === 2);
  const mine = new Error('postgres is away');
  const failing = publisher.publish(randomUUID(), [record(topic, 'never')], () =>
    Promise.reject(mine),
  );
  await expect(failing).rejects.toBe(mine);
  await other.publish(randomUUID(), [record(topic, 'never'), record(topic, 'x')]);
  await arrival('never');
  expect(times('never')).toBe(1);
});

test('it writes no ledger, and fences nobody', async () => {
  const transactional = await lanes.open(0);
  const before = randomUUID();
  await transactional.publisher.seed(before);
  const publisher = await open();
  await publisher.seed(randomUUID());
  await publisher.publish(randomUUID(), [record(topic, 'no ledger')]);
  await transactional.publisher.publish(before, [record(topic, 'not fenced')]);
  expect(await lanes.ledger(0)).toBe(before);
});

test('a refused record is an event of its topic, and the publisher of no more use', async () => {
  const publisher = await open();
  const failure = await failureOf(publisher.publish('x', [record('nowhere', 'bad')]));
  expect(failure).toMatchObject({ class: 'event', code: 'unknown_topic', topic: 'nowhere' });
  expect(await failureOf(publisher.publish('x', [record(topic, 'good')]))).toMatchObject({
    ...{ class: 'producer-dead', code: 'publisher_unusable' },
  });
});

test('a lost answer is transient; published again, it is there twice under the same key', async () => {
  const publisher = await open(behindProxy());
  const happened = proxy.cutAt('answer', 'Produce');
  const failure = await failureOf(publisher.publish('x', [record(topic, 'twice')]));
  await happened;
  expect(failure).toMatchObject({ class: 'transient' });
  const next = await open();
  await next.publish('x', [record(topic, 'twice')]);
  await waitFor('both arrive', 10_000, () => times('twice') === 2);
});

test('no broker is transient', async () => {
  await proxy.close();
  expect(await failureOf(open(behindProxy()))).toMatchObject({ class: 'transient' });
  proxy = await startProxy(brokers[0] as string);
});
