import { randomUUID } from 'node:crypto';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ResourcePatternTypes,
} from 'kafkajs';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { openPlainPublisher } from '../../relay/kafka/at-least-once.ts';
import type { KafkaClient } from '../../relay/kafka/client.ts';
import { openPublisher } from '../../relay/kafka/exactly-once.ts';
import { ensureLedger } from '../../relay/kafka/ledger.ts';
import { kafkaSecurity } from '../../relay/kafka/security.ts';
import { TopicCheck } from '../../relay/kafka/topics.ts';
import { loadSettings } from '../../settings/settings.ts';
import { readTopics, testTopic, withAdmin } from '../harness/kafka.ts';
import { certificateAuthority } from './certificates.ts';
import { failureOf, type Lanes, record, relayClient, testLanes } from './lanes.ts';
import { type SecureBroker, startSecureBroker } from './secure-broker.ts';

const silent = pino({ level: 'silent' });

let broker: SecureBroker;
/** lanes of somebody who may do everything */
let lanes: Lanes;

beforeAll(async () => {
  broker = await startSecureBroker();
  lanes = await testLanes(broker.admin);
  await lanes.open(0);
});

afterAll(async () => {
  await lanes?.closeAll();
  await broker?.stop();
});

/** A client as the relay makes one from these environment variables. */
async function clientOf(brokers: string[], env: Record<string, string>): Promise<KafkaClient> {
  const security = kafkaSecurity(loadSettings(env).kafkaSecurity, silent);
  return relayClient(brokers, { ...security, requestTimeout: 2_000 });
}

const password = (mechanism: string, secret = 'secret') =>
  clientOf(broker.sasl, {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: 'relay',
    KAFKA_SASL_PASSWORD: secret,
  });

const certificate = (
  files: { cert: string; key: string } = broker.client,
  ca = broker.authority.ca,
) =>
  clientOf(broker.tls, {
    KAFKA_SSL_CA_FILE: ca,
    KAFKA_SSL_CERT_FILE: files.cert,
    KAFKA_SSL_KEY_FILE: files.key,
  });

const { TOPIC, GROUP, TRANSACTIONAL_ID } = AclResourceTypes;
const { READ, WRITE, DESCRIBE, CREATE } = AclOperationTypes;
type Grant = readonly [type: AclResourceTypes, prefix: string, operations: AclOperationTypes[]];

/** The grants of the README, of one deployment. */
const readme = (deployment: string, topics: string) =>
  ({
    topics: [TOPIC, topics, [WRITE, DESCRIBE]],
    transactionalIds: [TRANSACTIONAL_ID, `${deployment}-lane-`, [WRITE, DESCRIBE]],
    groups: [GROUP, `${deployment}-lane-`, [READ]],
    ledger: [TOPIC, `${deployment}-lane-`, [READ, DESCRIBE, CREATE]],
  }) as const satisfies Record<string, Grant>;

const grant = (...grants: Grant[]) => withAdmin(broker.admin, (admin) => allow(admin, grants));

async function allow(admin: Admin, grants: Grant[]): Promise<void> {
  const acl = grants.flatMap(([resourceType, resourceName, operations]) =>
    operations.map((operation) => ({
      ...{ resourceType, resourceName, operation, principal: 'User:relay', host: '*' },
      resourcePatternType: ResourcePatternTypes.PREFIXED,
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );
  await admin.createAcls({ acl });
}

const stillOwner = async () => true;
const newTopic = (prefix: string) =>
  testTopic(broker.admin, { name: `${prefix}-${randomUUID()}`, partitions: 1 });

describe('with the grants of the README, and no others', () => {
  const ways: [string, () => Promise<KafkaClient>][] = [
    ['SASL PLAIN', () => password('plain')],
    ['SASL SCRAM-SHA-512', () => password('scram-sha-512')],
    ['TLS with a client certificate', () => certificate()],
  ];

  test.each(ways)('by %s a relay makes its ledger and publishes', async (_name, connect) => {
    const client = await connect();
    const deployment = `granted-${randomUUID()}`;
    const topic = await newTopic(deployment);
    await grant(...Object.values(readme(deployment, `${deployment}-`)));
    await ensureLedger(client, deployment);
    const deps = lanes.deps({ client, deployment });
    const { publisher, ledger } = await openPublisher(deps, { lane: 0, stillOwner });
    expect(ledger).toBeNull();
    const id = randomUUID();
    await publisher.publish(id, [record(topic, 'granted')]);
    const next = await openPublisher(deps, { lane: 0, stillOwner });
    expect(next.ledger).toBe(id);
    await Promise.all([publisher.close(), next.publisher.close()]);
    const reader = await readTopics(broker.admin, [topic]);
    await waitFor('it arrives', 10_000, () => reader.messages.length > 0);
    expect(reader.messages.map(({ key }) => key)).toEqual(['granted']);
    await reader?.close();
  });

  test.each([
    ['topics', 'event', 'topic_authorization_failed'],
    ['transactionalIds', 'configuration', 'transactional_id_authorization_failed'],
    ['groups', 'configuration', 'group_authorization_failed'],
    ['ledger', 'configuration', 'ledger_topic_authorization_failed'],
  ] as const)(
    'but for those on %s the refusal is a matter of %s and called %s',
    async (missing, kind, code) => {
      const deployment = `lacking-${randomUUID()}`;
      const topic = await newTopic('lacking');
      const grants = Object.entries(readme(deployment, topic));
      await grant(...grants.filter(([of]) => of !== missing).map(([, one]) => one));
      await ensureLedger(relayClient(broker.admin), deployment);
      const deps = lanes.deps({ client: await password('plain'), deployment });
      const failure = await failureOf(
        openPublisher(deps, { lane: 0, stillOwner }).then(({ publisher }) =>
          publisher.publish(randomUUID(), [record(topic, 'lacking')]),
        ),
      );
      expect(failure).toMatchObject({ class: kind, code });
      if (missing === 'topics') expect(failure.topic).toBe(topic);
    },
  );
});

describe('of topics', () => {
  let client: KafkaClient;
  const deployment = `topics-${randomUUID()}`;
  const names = { open: '', secret: '', readOnly: '' };

  beforeAll(async () => {
    client = await password('plain');
    for (const name of ['open', 'secret', 'readOnly'] as const) names[name] = await newTopic(name);
    await grant(...Object.values(readme(deployment, names.open)), [
      TOPIC,
      names.readOnly,
      [DESCRIBE],
    ]);
    await ensureLedger(client, deployment);
  });

  test('one that may be seen and not written to is named by the write, in any order', async () => {
    const records = [record(names.open, 'a'), record(names.readOnly, 'b')];
    for (const batch of [records, records.toReversed()]) {
      const deps = lanes.deps({ client, deployment });
      const { publisher } = await openPublisher(deps, { lane: 1, stillOwner });
      expect(await failureOf(publisher.publish(randomUUID(), batch))).toMatchObject({
        ...{ class: 'event', code: 'topic_authorization_failed', topic: names.readOnly },
      });
    }
  });

  test('so it is without transactions', async () => {
    const publisher = await openPlainPublisher(lanes.deps({ client, deployment }));
    const records = [record(names.open, 'a'), record(names.readOnly, 'b')];
    expect(await failureOf(publisher.publish('x', records))).toMatchObject({
      ...{ class: 'event', code: 'topic_authorization_failed', topic: names.readOnly },
    });
  });

  test('the check rejects what may not be seen, and what may not be made', async () => {
    const check = new TopicCheck({ client, deployment, createMissing: true });
    const creatable = `${names.open}-new`;
    const answer = await check.check([names.open, names.secret, names.readOnly, creatable]);
    await check.close();
    expect(
      Object.fromEntries([...answer].map(([name, rejection]) => [name, rejection?.code ?? null])),
    ).toEqual({
      [names.open]: null,
      [names.secret]: 'topic_authorization_failed',
      [names.readOnly]: null,
      [creatable]: 'topic_authorization_failed',
    });
  });

  test('a ledger topic that may not be made is a matter of configuration', async () => {
    expect(await failureOf(ensureLedger(client, `other-${randomUUID()}`))).toMatchObject({
      ...{ class: 'configuration', code: 'ledger_topic_authorization_failed' },
    });
  });
});

describe('who is not let in', () => {
  const open = (client: KafkaClient) =>
    failureOf(openPublisher(lanes.deps({ client }), { lane: 0, stillOwner }));

  test.each(['plain', 'scram-sha-512'])('%s with a wrong password', async (mechanism) => {
    expect(await open(await password(mechanism, 'wrong'))).toMatchObject({
      ...{ class: 'configuration', code: 'sasl_authentication_failed' },
    });
  });

  test('a mechanism that the broker does not offer', async () => {
    expect(await open(await password('scram-sha-256'))).toMatchObject({
      ...{ class: 'configuration', code: 'unsupported_sasl_mechanism' },
    });
  });

  test('a broker whose certificate is of another CA', async () => {
    const { ca } = await certificateAuthority(broker.folder, 'foreign');
    expect(await open(await certificate(broker.client, ca))).toMatchObject({
      ...{ class: 'configuration', code: 'tls_failed' },
    });
  });

  test('a client certificate of another CA', async () => {
    const stranger = await (await certificateAuthority(broker.folder, 'strange')).issue('relay');
    expect(await open(await certificate(stranger))).toMatchObject({ class: 'configuration' });
  });

  test('a client without a certificate', async () => {
    const client = await clientOf(broker.tls, { KAFKA_SSL_CA_FILE: broker.authority.ca });
    expect(await open(client)).toMatchObject({ class: 'configuration' });
  });
});

test('a security file that cannot be read is named', () => {
  const { kafkaSecurity: missing } = loadSettings({ KAFKA_SSL_CA_FILE: '/nowhere/ca.pem' });
  expect(() => kafkaSecurity(missing, silent)).toThrow('/nowhere/ca.pem');
});
