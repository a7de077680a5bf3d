import { realpathSync } from 'node:fs';
import type { KafkaService, PostgresService, Service, ServiceOptions } from './contract.ts';
import { untilPostgresAnswers } from './databases.ts';
import { makeFolder } from './folders.ts';
import { obtainNativeKafka } from './kafka.ts';
import { missingForKafka } from './kafka-programs.ts';
import { installPackages } from './packages.ts';
import { missingForPostgres, obtainNativePostgres } from './postgres.ts';

export type { KafkaService, PostgresService, Service, ServiceOptions } from './contract.ts';
export { defaultDataDir } from './folders.ts';

/** How long what the environment names may take to answer, milliseconds. */
const GIVEN_LIMIT_MS = 60_000;

/**
 * Postgres with pg_cron: what the environment names, else Docker's if an engine answers, else native.
 * @throws Error that says exactly what to install or do
 */
export async function obtainPostgres(options: ServiceOptions): Promise<PostgresService> {
  if (options.databaseUrl !== undefined) return givenPostgres(options.databaseUrl);
  return obtainNativePostgres(withFolder(options));
}

/**
 * Kafka: what the environment names, else Docker's if an engine answers, else native.
 * @throws Error that says exactly what to install or do
 */
export async function obtainKafka(options: ServiceOptions): Promise<KafkaService> {
  if (options.kafkaBrokers !== undefined)
    return { ...given('Kafka, named by KAFKA_BROKERS,'), brokers: options.kafkaBrokers };
  return obtainNativeKafka(withFolder(options));
}

/**
 * Both, at the same time. If one cannot be had, the other is stopped again.
 * @throws Error that says exactly what to install or do
 */
export async function obtainServices(
  options: ServiceOptions,
): Promise<{ postgres: PostgresService; kafka: KafkaService }> {
  const { dataDir } = withFolder(options);
  // First all packages that are missing, so that whoever has to install them reads one command.
  const missing = [
    ...(options.databaseUrl === undefined ? await missingForPostgres(dataDir) : []),
    ...(options.kafkaBrokers === undefined ? await missingForKafka() : []),
  ];
  await installPackages(missing, { say: options.say, logs: dataDir });
  const [postgres, kafka] = await Promise.allSettled([
    obtainPostgres(options),
    obtainKafka(options),
  ]);
  if (postgres.status === 'fulfilled' && kafka.status === 'fulfilled') {
    return { postgres: postgres.value, kafka: kafka.value };
  }
  if (postgres.status === 'fulfilled') await postgres.value.dispose();
  if (kafka.status === 'fulfilled') await kafka.value.dispose();
  throw postgres.status === 'rejected' ? postgres.reason : (kafka as PromiseRejectedResult).reason;
}

/** The folder, made and by its one true name: processes of ours are recognised by it. */
function withFolder(options: ServiceOptions): ServiceOptions {
  makeFolder(options.dataDir);
  return { ...options, dataDir: realpathSync(options.dataDir) };
}

async function givenPostgres(url: string): Promise<PostgresService> {
  await untilPostgresAnswers(url, GIVEN_LIMIT_MS);
  return { ...given('Postgres, named by DATABASE_URL,'), url };
}

function given(name: string): Service {
  const refuse = () => Promise.reject(new Error(`${name} is not ours to start or stop`));
  return { how: 'given', start: refuse, stop: refuse, dispose: () => Promise.resolve() };
}
