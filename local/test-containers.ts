import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import type { KafkaService, PostgresService, Service, ServiceOptions } from './contract.ts';
import { prepareDatabases, untilPostgresAnswers, urlOf } from './databases.ts';
import { container, randomPassword } from './docker.ts';
import { checkout, readText, writeWhole } from './folders.ts';
import { KAFKA_VERSION } from './kafka-programs.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';
import { freePort } from './ports.ts';
import { run } from './processes.ts';

// testcontainers is a development dependency: loaded only where tests ask for it.

/** Time for a container to get ready, milliseconds. */
const START_LIMIT_MS = 120_000;

/**
 * A Postgres with pg_cron in a container of its own, without data from earlier runs.
 * @throws Error that testcontainers gives
 */
export async function obtainTestPostgres(options: ServiceOptions): Promise<PostgresService> {
  const { dataDir, cronDatabase = 'scheduler', say } = options;
  const { GenericContainer, Wait } = await import('testcontainers');
  await removeLeftover(dataDir, 'postgres');
  say('building the image of Postgres with pg_cron (some 30 s the first time)');
  const image = await GenericContainer.fromDockerfile(join(checkout, 'db')).build(
    'event-scheduler-postgres',
    { deleteOnExit: false },
  );
  const port = await freePort();
  const password = randomPassword();
  const started = await image
    .withEnvironment({ POSTGRES_PASSWORD: password, CRON_DATABASE: cronDatabase })
    .withExposedPorts({ container: 5432, host: port })
    .withSharedMemorySize(256 * 1024 * 1024)
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/))
    .withStartupTimeout(START_LIMIT_MS)
    .start();
  keepId(dataDir, 'postgres', started);
  const address = { host: `${started.getHost()}:${port}`, password };
  await prepareDatabases(address, cronDatabase);
  say(`Postgres runs in a container on port ${port}`);
  return {
    ...service(started, 'SIGQUIT', () =>
      untilPostgresAnswers(urlOf(address, 'postgres'), START_LIMIT_MS),
    ),
    url: urlOf(address),
  };
}

/**
 * A Kafka in a container of its own, without data from earlier runs.
 * @throws Error that testcontainers gives
 */
export async function obtainTestKafka({ dataDir, say }: ServiceOptions): Promise<KafkaService> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  await removeLeftover(dataDir, 'kafka');
  const port = await freePort();
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime;
  const broker = `${host}:${port}`;
  const started = await new GenericContainer(`apache/kafka:${KAFKA_VERSION}`)
    .withEnvironment(kafkaEnvironment(broker))
    .withExposedPorts({ container: 9094, host: port })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(START_LIMIT_MS)
    .start();
  keepId(dataDir, 'kafka', started);
  await untilKafkaAnswers(broker, START_LIMIT_MS);
  say(`Kafka runs in a container on port ${port}`);
  return {
    ...service(started, 'SIGKILL', () => untilKafkaAnswers(broker, START_LIMIT_MS)),
    brokers: [broker],
  };
}

/** As in docker-compose.yml, which explains it; but made to start and start again fast. */
function kafkaEnvironment(advertised: string): Record<string, string> {
  return {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENERS: 'INSIDE://:9092,OUTSIDE://:9094,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `INSIDE://localhost:9092,OUTSIDE://${advertised}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
    KAFKA_LOG_DIRS: '/var/lib/kafka/data',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '10',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '10',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: '1',
    KAFKA_BROKER_SESSION_TIMEOUT_MS: '3000',
    KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '500',
    KAFKA_HEAP_OPTS: '-Xmx512m',
  };
}

function service(
  started: StartedTestContainer,
  crash: 'SIGQUIT' | 'SIGKILL',
  untilAnswers: () => Promise<void>,
): Service {
  const held = container(started.getId(), crash);
  return {
    how: 'docker',
    stop: (mode = 'fast', limitMs) => held.stop(mode, limitMs),
    start: async () => {
      await held.start();
      await untilAnswers();
    },
    // Not testcontainers' own stop: it gives up on a container that is stopped already.
    dispose: () => held.remove(),
  };
}

function idFile(dataDir: string, name: string): string {
  return join(dataDir, `${name}.container`);
}

function keepId(dataDir: string, name: string, started: StartedTestContainer): void {
  writeWhole(idFile(dataDir, name), `${started.getId()}\n`);
}

/** Removes the container of an earlier run that was killed; that it is gone already is as well. */
async function removeLeftover(dataDir: string, name: string): Promise<void> {
  const id = readText(idFile(dataDir, name))?.trim();
  if (id) await run('docker', ['rm', '--force', '--volumes', id]);
}
