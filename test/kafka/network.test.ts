import { randomUUID } from 'node:crypto';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  test,
  vi,
} from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { openPublisher } from '../../relay/kafka/exactly-once.ts';
import { TopicCheck } from '../../relay/kafka/topics.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { failureOf, type Lanes, record, relayClient, testLanes } from './lanes.ts';
import { API, type Api, type KafkaProxy, startProxy } from './proxy.ts';

const brokers = inject('kafkaBrokers');
let lanes: Lanes;
let topic: string;
let reader: Reader;
let proxy: KafkaProxy;

beforeAll(async () => {
  lanes = await testLanes(brokers);
  topic = await testTopic(brokers, { partitions: 1 });
  reader = await readTopics(brokers, [topic]);
});

beforeEach(async () => {
  proxy = await startProxy(brokers[0] as string);
});

afterEach(async () => {
  await proxy.close();
});

afterAll(async () => {
  await reader?.close();
  await lanes?.closeAll();
});

const behindProxy = () => ({ client: relayClient(proxy.brokers, { requestTimeout: 500 }) });
const times = (key: string) => reader.messages.filter((message) => message.key === key).length;
const TRANSIENT = { class: 'transient', code: expect.stringMatching(/^connection_/) };

/** Publishes a batch whose connection is cut at a request; what the lane's next owner finds. */
async function cutDuring(lane: number, part: 'request' | 'answer', api: Api) {
  const { publisher } = await lanes.open(lane, behindProxy());
  const ids = { before: randomUUID(), cut: randomUUID() };
  await publisher.seed(ids.before);
  const key = `${part} of ${api}`;
  const happened = proxy.cutAt(part, api);
  const failure = await failureOf(publisher.publish(ids.cut, [record(topic, key)]));
  await happened;
  return { ids, key, failure, next: await lanes.open(lane) };
}

const untilCommit = Object.keys(API).filter((api) => api !== 'EndTxn') as Api[];

describe.each(['request', 'answer'] as const)('a lost %s', (part) => {
  test.each(untilCommit)(
    'of %s: not published, says the ledger; published again it is there once',
    async (api) => {
      const { ids, key, failure, next } = await cutDuring(API[api], part, api);
      expect(failure).toMatchObject(TRANSIENT);
      expect(next.ledger).toBe(ids.before);
      await next.publisher.publish(randomUUID(), [record(topic, key)]);
      await next.publisher.publish(randomUUID(), [record(topic, `after ${key}`)]);
      await waitFor('what came after arrives', 10_000, () => times(`after ${key}`) > 0);
      expect(times(key)).toBe(1);
    },
  );
});

test('a lost commit: not published, says the ledger', async () => {
  const { ids, key, failure, next } = await cutDuring(1, 'request', 'EndTxn');
  expect(failure).toMatchObject(TRANSIENT);
  expect(next.ledger).toBe(ids.before);
  await next.publisher.publish(randomUUID(), [record(topic, `after ${key}`)]);
  await waitFor('what came after arrives', 10_000, () => times(`after ${key}`) > 0);
  expect(times(key)).toBe(0);
});

test('the lost answer to a commit: published, says the ledger', async () => {
  const { ids, key, failure, next } = await cutDuring(2, 'answer', 'EndTxn');
  expect(failure).toMatchObject(TRANSIENT);
  expect(next.ledger).toBe(ids.cut);
  await next.publisher.publish(randomUUID(), [record(topic, `after ${key}`)]);
  await waitFor('what came after arrives', 10_000, () => times(`after ${key}`) > 0);
  expect(times(key)).toBe(1);
});

test("the lost answer to a barrier's commit: the next barrier vouches for itself", async () => {
  const { publisher } = await lanes.open(3);
  const id = randomUUID();
  await publisher.publish(id, [record(topic, 'before the barrier')]);
  const happened = proxy.cutAt('answer', 'EndTxn');
  const opening = openPublisher(lanes.deps(behindProxy()), {
    lane: 3,
    stillOwner: async () => true,
  });
  expect(await failureOf(opening)).toMatchObject(TRANSIENT);
  await happened;
  expect(await lanes.ledger(3)).toBe(id);
});

test('a broker that does not answer is transient when the request timeout has passed', async () => {
  const { publisher } = await lanes.open(4, behindProxy());
  proxy.hang();
  const failure = await failureOf(publisher.publish(randomUUID(), [record(topic, 'hung')]));
  expect(failure).toMatchObject({ class: 'transient', code: 'request_timed_out' });
  await lanes.open(4); // ends the transaction, behind which nobody reads on
});

test.each([-3_600_000, 3_600_000])(
  'a broker that does not answer is waited for as long when the clock steps by %i ms meanwhile',
  async (shift) => {
    const { publisher } = await lanes.open(8, behindProxy());
    proxy.hang();
    const begun = performance.now();
    const publishing = failureOf(publisher.publish(randomUUID(), [record(topic, 'stepped')]));
    const real = Date.now;
    // When the request is under way.
    const stepped = vi
      .spyOn(Date, 'now')
      .mockImplementation(() => real() + (performance.now() - begun > 200 ? shift : 0));
    try {
      expect(await publishing).toMatchObject({ class: 'transient', code: 'request_timed_out' });
      expect(performance.now() - begun).toBeGreaterThan(450);
      expect(performance.now() - begun).toBeLessThan(5_000);
    } finally {
      stepped.mockRestore();
    }
    await lanes.open(8);
  },
);

test('close rejects what is in flight at once, however long the broker hangs', async () => {
  const client = relayClient(proxy.brokers, { requestTimeout: 60_000 });
  const { publisher } = await lanes.open(5, { client });
  const publishing = publisher.publish(randomUUID(), [record(topic, 'closed')], async () => {
    proxy.hang();
    setImmediate(() => publisher.close());
  });
  const begin = performance.now();
  expect(await failureOf(publishing)).toMatchObject({ class: 'transient' });
  expect(performance.now() - begin).toBeLessThan(5_000);
  await lanes.open(5);
});

test('a signal rejects an opening that hangs at once', async () => {
  const client = relayClient(proxy.brokers, { requestTimeout: 60_000 });
  const abort = new AbortController();
  const stillOwner = async () => {
    proxy.hang();
    setImmediate(() => abort.abort());
    return true;
  };
  const options = { lane: 6, stillOwner, signal: abort.signal };
  const begin = performance.now();
  expect(await failureOf(openPublisher(lanes.deps({ client }), options))).toMatchObject({
    class: 'transient',
  });
  expect(performance.now() - begin).toBeLessThan(5_000);
});

test('no broker at all is transient', async () => {
  await proxy.close();
  const opening = openPublisher(lanes.deps(behindProxy()), {
    lane: 7,
    stillOwner: async () => true,
  });
  expect(await failureOf(opening)).toMatchObject({ class: 'transient' });
  proxy = await startProxy(brokers[0] as string);
});

test('one bootstrap broker that is away is passed over', async () => {
  const gone = await startProxy(brokers[0] as string);
  await gone.close();
  const client = relayClient([...gone.brokers, ...brokers]);
  const { publisher } = await openPublisher(lanes.deps({ client }), {
    lane: 8,
    stillOwner: async () => true,
  });
  await publisher.publish(randomUUID(), [record(topic, 'by the second broker')]);
  await publisher.close();
});

test('a publisher whose connection the broker closed while it was idle publishes once', async () => {
  const { publisher } = await lanes.open(9, behindProxy());
  await publisher.publish(randomUUID(), [record(topic, 'before idle')]);
  proxy.cut();
  const id = randomUUID();
  const outcome = await publisher.publish(id, [record(topic, 'after idle')]).catch((e) => e);
  if (outcome !== undefined) {
    expect(outcome).toMatchObject({ class: 'transient' });
    const next = await lanes.open(9);
    expect(next.ledger).not.toBe(id);
    await next.publisher.publish(id, [record(topic, 'after idle')]);
  }
  await waitFor('it arrives', 10_000, () => times('after idle') > 0);
  expect(times('after idle')).toBe(1);
});

test('the topic check calls a broker that is away transient, and recovers', async () => {
  const check = new TopicCheck({
    ...{ client: relayClient(proxy.brokers, { requestTimeout: 500 }), createMissing: false },
    deployment: lanes.deployment,
  });
  expect(await check.check([topic])).toEqual(new Map([[topic, null]]));
  const { brokers: before } = proxy;
  await proxy.close();
  expect(await failureOf(check.check(['another']))).toMatchObject({ class: 'transient' });
  expect(await check.check([topic])).toEqual(new Map([[topic, null]]));
  proxy = await startProxy(brokers[0] as string, Number(before[0]?.split(':').at(-1)));
  const answer = await check.check(['another']);
  expect(answer.get('another')).toMatchObject({ code: 'unknown_topic' });
  await check.close();
});

test('the topic check gets over a connection that the broker closed while it was idle', async () => {
  const client = relayClient(proxy.brokers);
  const check = new TopicCheck({ client, deployment: lanes.deployment, createMissing: false });
  await check.check(['first']);
  proxy.cut();
  const second = await waitFor('it is answered again', 5_000, () => check.check(['second']));
  expect(second.get('second')).toMatchObject({ code: 'unknown_topic' });
  await check.close();
});

test('a link that was cut never connects again', async () => {
  const link = relayClient(brokers).createLink();
  await link.connect(topic);
  link.destroy();
  await expect(link.metadata([topic])).rejects.toThrow();
});
