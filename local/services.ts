import { realpathSync } from 'node:fs';
import { chooseWay } from './choice.ts';
import { obtainComposeKafka, obtainComposePostgres } from './compose.ts';
import type { KafkaService, PostgresService, Service, ServiceOptions } from './contract.ts';
import { untilPostgresAnswers } from './databases.ts';
import { makeFolder } from './folders.ts';
import { obtainNativeKafka } from './kafka.ts';
import { missingForKafka } from './kafka-programs.ts';
import { installPackages } from './packages.ts';
import { missingForPostgres, obtainNativePostgres } from './postgres.ts';
import { obtainTestKafka, obtainTestPostgres } from './test-containers.ts';

export type { KafkaService, PostgresService, ServiceOptions } from './contract.ts';
export { defaultDataDir } from './folders.ts';

/** How long a Postgres that the environment names may take to answer, milliseconds. */
const GIVEN_LIMIT_MS = 30_000;

export interface Services {
  readonly postgres: PostgresService;
  readonly kafka: KafkaService;
}

/**
 * Postgres with pg_cron: what the environment names, else Docker's if an engine answers, else native.
 * @throws Error that says exactly what to install or do
 */
export async function obtainPostgres(options: ServiceOptions): Promise<PostgresService> {
  if (options.databaseUrl !== undefined) return givenPostgres(options.databaseUrl, options.say);
  const own = withFolder(options);
  return chooseWay(own, {
    docker: () => dockerPostgres(own),
    native: () => obtainNativePostgres(own),
  });
}

/**
 * Kafka: what the environment names, else Docker's if an engine answers, else native.
 * @throws Error that says exactly what to install or do
 */
export async function obtainKafka(options: ServiceOptions): Promise<KafkaService> {
  if (options.kafkaBrokers !== undefined) return givenKafka(options.kafkaBrokers);
  const own = withFolder(options);
  return chooseWay(own, { docker: () => dockerKafka(own), native: () => obtainNativeKafka(own) });
}

/**
 * Both, at the same time. If one cannot be had, the other is stopped again.
 * @throws Error that says exactly what to install or do
 */
export async function obtainServices(options: ServiceOptions): Promise<Services> {
  const { databaseUrl, kafkaBrokers } = options;
  if (databaseUrl !== undefined && kafkaBrokers !== undefined) {
    return {
      postgres: await givenPostgres(databaseUrl, options.say),
      kafka: givenKafka(kafkaBrokers),
    };
  }
  const own = withFolder(options);
  // What is given is taken; both others go the same way.
  const both = (postgres: Obtain<PostgresService>, kafka: Obtain<KafkaService>) =>
    bothOrNone(
      databaseUrl === undefined ? postgres(own) : givenPostgres(databaseUrl, own.say),
      kafkaBrokers === undefined ? kafka(own) : Promise.resolve(givenKafka(kafkaBrokers)),
    );
  return chooseWay(own, {
    docker: () => both(dockerPostgres, dockerKafka),
    native: async () => {
      await installMissing(own);
      return both(obtainNativePostgres, obtainNativeKafka);
    },
  });
}

type Obtain<T> = (options: ServiceOptions) => Promise<T>;

function dockerPostgres(options: ServiceOptions): Promise<PostgresService> {
  return options.purpose === 'start' ? obtainComposePostgres(options) : obtainTestPostgres(options);
}

function dockerKafka(options: ServiceOptions): Promise<KafkaService> {
  return options.purpose === 'start' ? obtainComposeKafka(options) : obtainTestKafka(options);
}

/** All packages at once, so that who has to install them by hand reads one command. */
async function installMissing(options: ServiceOptions): Promise<void> {
  const { dataDir, databaseUrl, kafkaBrokers, say } = options;
  const missing = [
    ...(databaseUrl === undefined ? await missingForPostgres(dataDir) : []),
    ...(kafkaBrokers === undefined ? await missingForKafka() : []),
  ];
  await installPackages(missing, { say, logs: dataDir });
}

async function bothOrNone(
  obtainedPostgres: Promise<PostgresService>,
  obtainedKafka: Promise<KafkaService>,
): Promise<Services> {
  const [postgres, kafka] = await Promise.allSettled([obtainedPostgres, obtainedKafka]);
  if (postgres.status === 'fulfilled' && kafka.status === 'fulfilled') {
    return { postgres: postgres.value, kafka: kafka.value };
  }
  for (const service of [postgres, kafka]) {
    if (service.status === 'fulfilled') await service.value.dispose();
  }
  throw postgres.status === 'rejected' ? postgres.reason : (kafka as PromiseRejectedResult).reason;
}

/** The folder, made and by its one true name: processes of ours are recognised by it. */
function withFolder(options: ServiceOptions): ServiceOptions {
  makeFolder(options.dataDir);
  return { ...options, dataDir: realpathSync(options.dataDir) };
}

async function givenPostgres(url: string, say: (line: string) => void): Promise<PostgresService> {
  say(`waiting for Postgres on ${new URL(url).host}, named by DATABASE_URL`);
  await untilPostgresAnswers(url, GIVEN_LIMIT_MS);
  return { ...given('Postgres, named by DATABASE_URL,'), url };
}

/** Not asked whether it answers: that takes its certificates, and the relay waits for it anyway. */
function givenKafka(brokers: string[]): KafkaService {
  return { ...given('Kafka, named by KAFKA_BROKERS,'), brokers };
}

function given(name: string): Service {
  const refuse = () => Promise.reject(new Error(`${name} is not ours to start or stop`));
  return { how: 'given', start: refuse, stop: refuse, dispose: () => Promise.resolve() };
}
