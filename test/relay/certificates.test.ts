import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../local/ports.ts';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { testTopic, withAdmin } from '../harness/kafka.ts';
import type { RelayProcess } from '../harness/relay.ts';
import {
  expectOnTopicsOnce,
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  untilFinal,
} from '../harness/stage.ts';
import type { Issued } from '../kafka/certificates.ts';
import { type SecureBroker, startSecureBroker } from '../kafka/secure-broker.ts';

let broker: SecureBroker;
let stage: Stage;
/** where the relay looks for its certificate */
let place: { readonly cert: string; readonly key: string };
let relay: RelayProcess;

beforeAll(async () => {
  broker = await startSecureBroker();
  stage = await setStage('certificates', { brokers: broker.admin });
  place = { cert: join(broker.folder, 'tls.crt'), key: join(broker.folder, 'tls.key') };
  const own = `${stage.deployment}-lane-`;
  await allow('ALL', [
    ...stage.topics.map((topic) => ['TOPIC', topic] as const),
    ...(['TOPIC', 'GROUP', 'TRANSACTIONAL_ID'] as const).map((type) => [type, own] as const),
  ]);
});

afterAll(async () => {
  await stage?.close();
  await broker?.stop();
});

type Resource = readonly [type: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID', prefix: string];

async function allow(operation: 'ALL' | 'DESCRIBE', resources: readonly Resource[]) {
  const acl = resources.map(([type, resourceName]) => ({
    ...{ resourceType: AclResourceTypes[type], resourceName, principal: 'User:relay', host: '*' },
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    operation: AclOperationTypes[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }));
  await withAdmin(broker.admin, (admin) => admin.createAcls({ acl }));
}

/** Puts a certificate where the relay looks, as Kubernetes or cert-manager would renew it. */
function install({ cert, key }: Issued): void {
  for (const [from, to] of [
    [key, place.key],
    [cert, place.cert],
  ] as const) {
    copyFileSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  }
}

async function troubles(): Promise<string[]> {
  const rows = await query<{ trouble: string }>(
    stage.database.url,
    'select trouble from scheduler.relays where trouble is not null',
  );
  return rows.map((row) => row.trouble);
}

test('with an expired certificate a relay says so and waits; a renewed one is taken up without a restart', async () => {
  install(await broker.authority.issue('relay', -1));
  const ids = await schedule(stage, { count: 20 });
  const healthPort = await freePort();
  const probe = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${healthPort}/health/${path}`);
    return { code: response.status, ...((await response.json()) as object) };
  };
  relay = stage.relay({
    kafkaBrokers: broker.tls,
    settings: {
      KAFKA_SSL_CA_FILE: broker.authority.ca,
      KAFKA_SSL_CERT_FILE: place.cert,
      KAFKA_SSL_KEY_FILE: place.key,
      RELAY_HEALTH_PORT: String(healthPort),
    },
  });
  await waitFor('operators and health see it', 20_000, async () => (await troubles()).length > 0);
  expect(await troubles()).toEqual([expect.stringContaining('certificate')]);
  const said = relay.log.filter((line) => line.includes('Kafka refuses this deployment'));
  expect(said).toHaveLength(1);
  expect(await probe('live')).toMatchObject({ status: 'live' });
  expect(await probe('ready')).toMatchObject({
    ...{ code: 503, lanes: 0, trouble: (await troubles())[0] },
  });
  install(broker.client);
  await expectPublishedOnce(stage, ids);
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
  await waitFor('the alarm is over', 10_000, async () => (await troubles()).length === 0);
  expect(await probe('ready')).toMatchObject({ code: 200, lanes: 4, trouble: null });
});

test('one that expires meanwhile is noticed at the next connection: nothing is lost, and no attempt is counted', async () => {
  const forbidden = await testTopic(broker.admin);
  await allow('DESCRIBE', [['TOPIC', forbidden]]);
  install(await broker.authority.issue('relay', -1));
  // What the broker refuses costs the lane its connections.
  const key = 'one lane';
  const [refused] = await schedule(stage, { topics: [forbidden], key });
  await waitFor('operators and health see it', 20_000, async () => (await troubles()).length > 0);
  const ids = await schedule(stage, { count: 20, key });
  expect((await statesOf(stage, [refused as string])).map(({ retry }) => retry)).toEqual([0]);
  install(broker.client);
  await untilFinal(stage, ids);
  await expectOnTopicsOnce(stage, ids);
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
});
