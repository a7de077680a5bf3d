import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/ports.ts';
import type { KafkaService } from '../../local/services.ts';
import { waitFor } from '../../local/wait.ts';
import { scheduler } from '../cli/scheduler.ts';
import { query } from '../harness/database.ts';
import { testTopic, withAdmin } from '../harness/kafka.ts';
import { ownFolder, ownKafka } from '../harness/own-services.ts';
import type { RelayProcess } from '../harness/relay.ts';
import {
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  untilFinal,
} from '../harness/stage.ts';

let kafka: KafkaService;
let saslBroker: string;
let stage: Stage;
/** may be seen, not written to */
let readable: string;
/** may not even be seen */
let hidden: string;

const properties = join(ownFolder('acl'), 'kafka', 'server.properties');

/** A second listener with names and passwords, and ACLs. Who comes without a name is the super user. */
async function guard(): Promise<void> {
  await kafka.stop('fast');
  const listeners = /^listeners=(.*)$/m.exec(readFileSync(properties, 'utf8'))?.[1];
  const port = await freePort();
  saslBroker = `127.0.0.1:${port}`;
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  appendFileSync(
    properties,
    `
listeners=${listeners},SASL_PLAINTEXT://${saslBroker}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=${login} user_relay="secret";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
`,
  );
  await kafka.start();
}

type Operation = 'WRITE' | 'READ' | 'DESCRIBE' | 'CREATE';

async function allow(
  type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID',
  prefix: string,
  operations: Operation[],
): Promise<void> {
  await withAdmin(kafka.brokers, (admin) =>
    admin.createAcls({
      acl: operations.map((operation) => ({
        resourceType: AclResourceTypes[type],
        resourceName: prefix,
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        principal: 'User:relay',
        host: '*',
        operation: AclOperationTypes[operation],
        permissionType: AclPermissionTypes.ALLOW,
      })),
    }),
  );
}

beforeAll(async () => {
  kafka = await ownKafka('acl', 'native');
  const plain = readFileSync(properties, 'utf8');
  await guard();
  // The next run starts from the unguarded file again.
  writeFileSync(properties, plain);
  stage = await setStage('acl', { brokers: kafka.brokers });
  readable = await testTopic(kafka.brokers);
  hidden = await testTopic(kafka.brokers);
  await query(
    stage.database.url,
    `update scheduler_private.settings set retry_delays = array['200 milliseconds'::interval]`,
  );
  for (const topic of stage.topics) await allow('TOPIC', topic, ['WRITE', 'DESCRIBE']);
  await allow('TOPIC', readable, ['READ', 'DESCRIBE']);
  await allow('TOPIC', `${stage.deployment}-lane-`, ['CREATE', 'READ', 'DESCRIBE']);
  await allow('GROUP', `${stage.deployment}-lane-`, ['READ', 'DESCRIBE']);
});

afterEach(() => stage?.killRelays());

afterAll(async () => {
  await stage?.close();
  await kafka?.dispose();
});

async function troubles(): Promise<string[]> {
  const rows = await query<{ trouble: string }>(
    stage.database.url,
    'select trouble from scheduler.relays where trouble is not null and lanes > 0',
  );
  return rows.map((row) => row.trouble);
}

function relayWith(password: string): RelayProcess {
  return stage.relay({
    kafkaBrokers: [saslBroker],
    settings: {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'relay',
      KAFKA_SASL_PASSWORD: password,
    },
  });
}

test('a wrong password is nobody’s attempt: the relay says so and waits', async () => {
  const ids = await schedule(stage, { count: 10 });
  const relay = relayWith('wrong');
  await waitFor('it says so', 20_000, () =>
    relay.log.some((line) => line.includes('sasl_authentication_failed')),
  );
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
});

test('without the right to its transactional ids a lane stands still without attempts; at least once works without it', async () => {
  const ids = await schedule(stage, { count: 20 });
  const relay = relayWith('secret');
  await waitFor('it says so', 20_000, () =>
    relay.log.some((line) => line.includes('transactional_id_authorization_failed')),
  );
  await waitFor('operators and health see it', 10_000, async () =>
    (await troubles()).some((trouble) => trouble.includes('needs Write and Describe on the trans')),
  );
  expect(
    (await statesOf(stage, ids)).filter(({ status, retry }) => status !== 'SCHEDULED' || retry > 0),
  ).toEqual([]);
  await query(
    stage.database.url,
    `update scheduler_private.settings set delivery_mode = 'at_least_once'`,
  );
  await expectPublishedOnce(stage, ids);
  await waitFor('the alarm is over', 10_000, async () => (await troubles()).length === 0);
});

test('doctor tells which topics may not be written to, and writes nothing to find out', async () => {
  const good = stage.topics[0] as string;
  for (const topic of [good, readable, hidden]) {
    await query(stage.database.url, `select scheduler.grant_topic('sql:team', $1, false)`, [topic]);
  }
  const ends = () => withAdmin(kafka.brokers, (admin) => admin.fetchTopicOffsets(good));
  const before = await ends();
  const { json } = await scheduler(['doctor'], {
    env: {
      DATABASE_URL: stage.database.url,
      KAFKA_BROKERS: saslBroker,
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'relay',
      KAFKA_SASL_PASSWORD: 'secret',
      DEPLOYMENT: stage.deployment,
    },
  });
  const problems = json.filter(({ check, state }) => check === 'topics' && state === 'problem');
  expect(problems.map(({ detail }) => detail).sort()).toEqual(
    [readable, hidden].map((topic) => `${topic}: topic_authorization_failed`).sort(),
  );
  expect(await ends()).toEqual(before);
});

test('a topic that the relay may not write to fails its own events, after three attempts, with a clear error; the rest of the batch goes out once, and so does what is scheduled after the grant', async () => {
  await query(
    stage.database.url,
    `update scheduler_private.settings set delivery_mode = 'exactly_once'`,
  );
  await allow('TRANSACTIONAL_ID', `${stage.deployment}-lane-`, ['WRITE', 'DESCRIBE']);
  const key = 'one lane';
  const bad = [
    ...(await schedule(stage, { count: 2, topics: [readable], key, at: '2020-01-01T00:00:00Z' })),
    ...(await schedule(stage, { count: 2, topics: [hidden], key, at: '2020-01-01T00:00:00Z' })),
  ];
  const good = await schedule(stage, { count: 60, key });
  relayWith('secret');
  await expectPublishedOnce(stage, good);
  await untilFinal(stage, bad);
  for (const state of await statesOf(stage, bad)) {
    expect(state).toMatchObject({
      status: 'FAILED',
      retry: 3,
      last_error: 'topic_authorization_failed',
    });
  }
  expect((await statesOf(stage, good)).filter(({ retry }) => retry > 0)).toEqual([]);
  await allow('TOPIC', readable, ['WRITE']);
  const later = await schedule(stage, { count: 2, topics: [readable], key });
  await untilFinal(stage, later);
  expect((await statesOf(stage, later)).map(({ status }) => status)).toEqual([
    ...['PUBLISHED', 'PUBLISHED'],
  ]);
});
