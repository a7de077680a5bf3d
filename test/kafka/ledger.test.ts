import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { ensureLedger } from '../../relay/kafka/ledger.ts';
import { laneName, ledgerTopic } from '../../relay/kafka/names.ts';
import { type Reader, readTopics, testTopic, withAdmin } from '../harness/kafka.ts';
import { deleteTopic, failureOf, type Lanes, record, relayClient, testLanes } from './lanes.ts';

const brokers = inject('kafkaBrokers');
let lanes: Lanes;
let topic: string;
let reader: Reader;

beforeAll(async () => {
  lanes = await testLanes(brokers);
  topic = await testTopic(brokers, { partitions: 1 });
  reader = await readTopics(brokers, [topic]);
});

afterAll(async () => {
  await reader?.close();
  await lanes?.closeAll();
});

async function untilSeen(key: string): Promise<(string | null)[]> {
  const keys = () => reader.messages.map((message) => message.key);
  await waitFor(`${key} arrives`, 10_000, () => keys().includes(key));
  return keys();
}

test('a lane that was never seeded has no ledger entry', async () => {
  expect(await lanes.ledger(0)).toBeNull();
  expect(await lanes.ledger(0)).toBeNull();
});

test('a seed is the entry, a second seed replaces it, publishing nothing', async () => {
  const [first, second] = [randomUUID(), randomUUID()];
  const { publisher } = await lanes.open(1);
  await publisher.seed(first);
  expect(await lanes.ledger(1)).toBe(first);
  const next = await lanes.open(1);
  await next.publisher.seed(second);
  await next.publisher.seed(second);
  expect(await lanes.ledger(1)).toBe(second);
});

test('the entry of one lane is not that of another', async () => {
  const ids = [randomUUID(), randomUUID()];
  for (const [i, id] of ids.entries()) await (await lanes.open(20 + i)).publisher.seed(id);
  expect([await lanes.ledger(20), await lanes.ledger(21)]).toEqual(ids);
});

test('read right after a commit it is always the last committed batch', async () => {
  for (let i = 0; i < 25; i++) {
    const { publisher } = await lanes.open(2);
    const id = randomUUID();
    await publisher.publish(id, [record(topic, `again ${i}`)]);
    const found = await lanes.ledger(2);
    expect(found, `after batch ${i}`).toBe(id);
  }
});

test('a batch without records is an entry all the same', async () => {
  const { publisher } = await lanes.open(7);
  const id = randomUUID();
  await publisher.publish(id, []);
  expect(await lanes.ledger(7)).toBe(id);
});

test('an operator can read it with any admin client', async () => {
  const { publisher } = await lanes.open(3);
  const id = randomUUID();
  await publisher.publish(id, [record(topic, 'for the operator')]);
  await lanes.ledger(3);
  const [entry] = await withAdmin(brokers, (admin) =>
    admin.fetchOffsets({
      groupId: laneName(lanes.deployment, 3),
      topics: [ledgerTopic(lanes.deployment)],
    }),
  );
  expect(entry?.partitions.find(({ partition }) => partition === 0)?.metadata).toBe(id);
});

test('the entry of a transaction that its owner left open is not believed', async () => {
  const { publisher } = await lanes.open(4);
  const committed = randomUUID();
  await publisher.publish(committed, [record(topic, 'committed')]);
  const publishing = publisher.publish(randomUUID(), [record(topic, 'left open')], async () => {
    await publisher.close();
  });
  expect(await failureOf(publishing)).toMatchObject({ class: expect.any(String) });
  const next = await lanes.open(4);
  expect(next.ledger).toBe(committed);
  await next.publisher.publish(randomUUID(), [record(topic, 'after left open')]);
  expect(await untilSeen('after left open')).not.toContain('left open');
});

test('the entry of a transaction that the broker aborted by timeout is not believed', async () => {
  const { publisher } = await lanes.open(5, { transactionTimeout: 1_000 });
  const committed = randomUUID();
  await publisher.seed(committed);
  const publishing = publisher.publish(randomUUID(), [record(topic, 'timed out')], async () => {
    await lanes
      .open(6)
      .then((other) => other.publisher.publish(randomUUID(), [record(topic, 'blocked')]));
    // Behind an open transaction nobody reads on: that this one arrives is the abort.
    await waitFor('the broker aborts', 30_000, () =>
      reader.messages.some((message) => message.key === 'blocked'),
    );
  });
  expect(await failureOf(publishing)).toMatchObject({ class: 'producer-dead' });
  expect(await lanes.ledger(5)).toBe(committed);
  expect(await untilSeen('blocked')).not.toContain('timed out');
});

test('making the ledger topic again changes nothing, and both tell the same cluster', async () => {
  const client = relayClient(brokers);
  const deployment = `test-${randomUUID()}`;
  const [one, two] = await Promise.all([
    ensureLedger(client, deployment),
    ensureLedger(client, deployment),
  ]);
  const { clusterId } = await withAdmin(brokers, (admin) => admin.describeCluster());
  expect([one, two, await ensureLedger(client, deployment)]).toEqual(
    [0, 1, 2].map(() => ({ clusterId })),
  );
  const { topics } = await withAdmin(brokers, (admin) =>
    admin.fetchTopicMetadata({ topics: [ledgerTopic(deployment)] }),
  );
  expect(topics[0]?.partitions.length).toBe(2);
});

test('a ledger topic with one partition is refused as a matter of configuration', async () => {
  const deployment = `test-${randomUUID()}`;
  await withAdmin(brokers, (admin) =>
    admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: ledgerTopic(deployment), numPartitions: 1 }],
    }),
  );
  expect(await failureOf(ensureLedger(relayClient(brokers), deployment))).toMatchObject({
    class: 'configuration',
    code: 'ledger_partitions',
  });
});

test('a deleted ledger topic is a matter of configuration, no fault of an event', async () => {
  const other = await testLanes(brokers);
  const { publisher } = await other.open(0);
  await deleteTopic(brokers, ledgerTopic(other.deployment));
  const failure = await failureOf(publisher.publish(randomUUID(), [record(topic, 'no ledger')]));
  expect(failure).toMatchObject({ class: 'configuration', code: 'ledger_unknown_topic' });
  expect(failure.message).toContain(ledgerTopic(other.deployment));
});
