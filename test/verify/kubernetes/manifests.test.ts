import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkout, defaultDataDir } from '../../../local/folders.ts';
import { obtainJarFolder } from '../../../local/maven.ts';
import { mustRun, run } from '../../../local/processes.ts';
import { loadSettings, settingsSchema } from '../../../settings/settings.ts';

const here = import.meta.dirname;
const folder = join(loadSettings().dataDir ?? defaultDataDir(checkout), 'kubernetes');
const checker = join(folder, 'check');
/** `-cp` of Strimzi's types */
let jars: string;
/** a copy of deploy/kubernetes */
let copy: string;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const cwd = join(here, 'check');
  await mustRun('building the checker', 'go', ['build', '-o', checker, '.'], { cwd });
  const pom = join(here, 'pom.xml');
  const fetch = {
    ...{ name: 'strimzi-api-0.51.0', what: "Strimzi's types", size: '20 MB' },
    goal: ['--file', pom, 'dependency:copy-dependencies'],
  };
  jars = await obtainJarFolder(fetch, { say: () => undefined, logs: folder });
  // The Kubernetes types are large: a machine that has never compiled them takes minutes.
}, 1_200_000);

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'kubernetes-'));
  cpSync(join(checkout, 'deploy', 'kubernetes'), copy, { recursive: true });
});

afterEach(() => rmSync(copy, { recursive: true }));

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Builds a folder of the copy and decodes all that comes of it strictly. */
async function build(name: string): Promise<Manifest[]> {
  const { code, output } = await run(checker, [join(copy, name)]);
  if (code !== 0) throw new Error(output);
  const file = join(copy, 'built.jsonl');
  writeFileSync(file, output);
  const java = ['-cp', join(jars, '*'), join(here, 'StrimziCheck.java')];
  const strimzi = await run('sh', ['-c', 'exec java "$@" <"$0"', file, ...java]);
  if (strimzi.code !== 0) throw new Error(strimzi.output);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Manifest);
}

function edit(file: string, from: string, to: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replaceAll(from, to));
}

const kinds = (built: Manifest[]) => built.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

test('a namespace has all that it needs, each object as its API has it', async () => {
  const built = kinds(await build('team-a')).map((name) => name.replace(/-[a-z0-9]{10}$/, ''));
  expect(built.toSorted()).toEqual(
    [
      ...['Namespace/team-a', 'Certificate/kafka-client', 'ConfigMap/scheduler-settings'],
      ...['KafkaTopic/team-a.events', 'KafkaTopic/team-a-lane-ledger', 'KafkaUser/team-a'],
      ...['Cluster/postgres', 'ServiceAccount/scheduler', 'Service/scheduler'],
      ...['Job/scheduler-migrate', 'Deployment/scheduler-relay', 'Deployment/scheduler-api'],
      ...['PodDisruptionBudget/scheduler-relay', 'PodDisruptionBudget/scheduler-api'],
      ...['NetworkPolicy/deny-ingress', 'NetworkPolicy/scheduler-api', 'NetworkPolicy/postgres'],
    ].toSorted(),
  );
  expect(kinds(await build('kafka-ca'))).toHaveLength(4);
});

test('it may have a plain Postgres instead', async () => {
  edit('team-a/kustomization.yaml', '  - ../postgres/cloudnative-pg', '  - ../postgres/plain');
  const built = kinds(await build('team-a'));
  expect(built).toEqual(expect.arrayContaining(['StatefulSet/postgres', 'Service/postgres-rw']));
  expect(built).not.toContain('Cluster/postgres');
});

test('copied and renamed as the guide says, nothing of the old namespace is left', async () => {
  const before = await build('team-a');
  await mustRun(
    'copying',
    'sh',
    ['-c', 'cp -r team-a billing && sed -i s/team-a/billing/g billing/*'],
    { cwd: copy },
  );
  rmSync(join(copy, 'team-a'), { recursive: true });
  const built = await build('billing');
  expect(JSON.stringify(built)).not.toContain('team-a');
  const renamed = JSON.stringify(before).replaceAll('team-a', 'billing');
  const places = (all: Manifest[]) =>
    all.map(({ kind, metadata }) => `${metadata.namespace ?? ''}/${kind}`).toSorted();
  expect(places(built)).toEqual(places(JSON.parse(renamed)));
});

test('what a deployment is called in Kafka is the same everywhere', async () => {
  const built = await build('team-a');
  const find = (kind: string) => built.find((one) => one.kind === kind) as Manifest;
  const { data } = find('ConfigMap') as unknown as { data: Record<string, string> };
  expect(data.DEPLOYMENT).toBe(find('KafkaUser').metadata.name);
  expect(find('Certificate').spec).toMatchObject({ commonName: data.DEPLOYMENT });
  const { spec } = find('KafkaUser') as unknown as {
    spec: { authorization: { acls: { resource: { type: string; name: string } }[] } };
  };
  const prefixes = spec.authorization.acls.map(
    ({ resource }) => `${resource.type} ${resource.name}`,
  );
  for (const type of ['transactionalId', 'group', 'topic']) {
    expect(prefixes).toContain(`${type} ${data.DEPLOYMENT}-lane-`);
  }
  const known = Object.keys(settingsSchema.properties);
  expect(Object.keys(data).filter((name) => !known.includes(name))).toEqual(['POSTGRES_OPTIONS']);
});

test.each([
  ['base/relay.yaml', 'replicas: 2', 'replica: 2', 'unknown field "spec.replica"'],
  ['base/api.yaml', 'cpu: 250m', 'cpu: many', 'quantities must match'],
  ['team-a/certificate.yaml', 'rotationPolicy', 'rotation', 'unknown field'],
  ['postgres/cloudnative-pg/cluster.yaml', 'instances: 3', 'instances: three', 'cannot unmarshal'],
  ['team-a/kafka.yaml', 'partitions: 3', 'partition: 3', 'Unrecognized field'],
  ['team-a/kafka.yaml', '[Write, Describe]', '[Writes, Describe]', 'became'],
])('the check finds a mistake in %s: %s', async (file, from, to, complaint) => {
  edit(file, from, to);
  await expect(build('team-a')).rejects.toThrow(complaint);
});

test('every folder is checked', () => {
  const folders = readdirSync(copy, { withFileTypes: true }).filter((one) => one.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual([
    ...['base', 'kafka-ca', 'postgres', 'team-a'],
  ]);
});
