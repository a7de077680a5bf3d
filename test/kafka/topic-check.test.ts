import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { TopicCheck, type TopicCheckOptions } from '../../relay/kafka/topics.ts';
import { withAdmin } from '../harness/kafka.ts';
import { createTopic, deleteTopic, type Lanes, record, relayClient, testLanes } from './lanes.ts';

const brokers = inject('kafkaBrokers');
const checks: TopicCheck[] = [];
let lanes: Lanes;
let topic: string;

beforeAll(async () => {
  lanes = await testLanes(brokers);
  topic = await create(newName());
});

afterAll(async () => {
  await Promise.all(checks.map((check) => check.close()));
  await lanes?.closeAll();
});

function topicCheck(more: Partial<TopicCheckOptions> = {}): TopicCheck {
  const { deployment } = lanes;
  const check = new TopicCheck({
    ...{ client: relayClient(brokers), deployment, createMissing: false },
    ...more,
  });
  checks.push(check);
  return check;
}

const newName = () => `test-${randomUUID()}`;
const create = (name: string) => createTopic(brokers, name);
const codes = async (check: TopicCheck, topics: string[]) =>
  Object.fromEntries(
    [...(await check.check(topics))].map(([name, rejection]) => [name, rejection?.code ?? null]),
  );

test('each topic has its own verdict, whatever is asked with it', async () => {
  const missing = newName();
  expect(await codes(topicCheck(), [missing, topic, 'a b', topic, '..'])).toEqual({
    ...{ [topic]: null, [missing]: 'unknown_topic', 'a b': 'invalid_topic', '..': 'invalid_topic' },
  });
});

test('a rejection says why, and names the topic', async () => {
  const missing = newName();
  const rejection = (await topicCheck().check([missing])).get(missing);
  expect(rejection?.message).toContain(missing);
});

test('nothing to check asks nobody', async () => {
  const nobody = relayClient(['127.0.0.1:1']);
  expect(await topicCheck({ client: nobody }).check([])).toEqual(new Map());
});

test('a rejection is believed for a second, so that a topic made meanwhile is soon found', async () => {
  let now = 1_000;
  const check = topicCheck({ now: () => now });
  const name = newName();
  expect(await codes(check, [name])).toEqual({ [name]: 'unknown_topic' });
  await create(name);
  now += 999;
  expect(await codes(check, [name])).toEqual({ [name]: 'unknown_topic' });
  now += 1;
  expect(await codes(check, [name])).toEqual({ [name]: null });
});

test('a good topic is believed for 30 seconds, without asking', async () => {
  let now = 1_000;
  const check = topicCheck({ now: () => now });
  const name = await create(newName());
  expect(await codes(check, [name])).toEqual({ [name]: null });
  await deleteTopic(brokers, name);
  now += 29_999;
  expect(await codes(check, [name])).toEqual({ [name]: null });
  now += 1;
  expect(await codes(check, [name])).toEqual({ [name]: 'unknown_topic' });
});

test('a forgotten topic is asked for again', async () => {
  const check = topicCheck({ now: () => 0 });
  const name = newName();
  await check.check([name, topic]);
  await create(name);
  check.forget(name);
  expect(await codes(check, [name, topic])).toEqual({ [name]: null, [topic]: null });
});

test('many lanes may ask at the same time', async () => {
  const check = topicCheck();
  const names = Array.from({ length: 20 }, (_, i) => (i % 2 ? newName() : topic));
  const answers = await Promise.all(names.map((name) => codes(check, [name])));
  expect(answers).toEqual(
    names.map((name) => ({ [name]: name === topic ? null : 'unknown_topic' })),
  );
});

test('a missing topic is made where that is wanted, and takes records at once', async () => {
  const names = [newName(), newName()];
  const check = topicCheck({ createMissing: true });
  expect(await codes(check, names)).toEqual(Object.fromEntries(names.map((n) => [n, null])));
  const { publisher } = await lanes.open(0);
  await publisher.publish(
    randomUUID(),
    names.map((name) => record(name, 'first')),
  );
});

test('two relays that make the same topic at the same time both find it good', async () => {
  const name = newName();
  const both = [topicCheck({ createMissing: true }), topicCheck({ createMissing: true })];
  const answers = await Promise.all(both.map((check) => codes(check, [name])));
  expect(answers).toEqual([{ [name]: null }, { [name]: null }]);
});

test('without the wish no topic is made, and an invalid one never is', async () => {
  const name = newName();
  await topicCheck().check([name]);
  expect(await codes(topicCheck({ createMissing: true }), ['a b'])).toEqual({
    'a b': 'invalid_topic',
  });
  const topics = await withAdmin(brokers, (admin) => admin.listTopics());
  expect(topics).not.toContain(name);
  expect(topics).not.toContain('a b');
});

test('after close it can be asked again', async () => {
  const check = topicCheck();
  await check.check([topic]);
  await check.close();
  await check.close();
  const name = newName();
  const answer = await waitFor('it answers', 5_000, () => codes(check, [name]));
  expect(answer).toEqual({ [name]: 'unknown_topic' });
});
