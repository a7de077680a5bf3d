import { join } from 'node:path';
import { migrate } from '../db/migrate.ts';
import { roleUrl } from '../db/roles.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { type Child, startChild } from './children.ts';
import { checkout } from './folders.ts';
import { claimInstance } from './instance.ts';
import type { Lock } from './lock.mjs';
import {
  defaultDataDir,
  type KafkaService,
  obtainServices,
  type PostgresService,
} from './services.ts';

/** Milliseconds of the ten that a stop may take in all: the programs', then the services'. */
const CHILDREN_LIMIT_MS = 6_000;
const SERVICES_LIMIT_MS = 2_500;
/** Instead of the programs' time, when a stop comes before there are any. */
const STEP_LIMIT_MS = 7_000;

/** What runs, filled as it is started, so that a stop at any time finds all there is to stop. */
interface Running {
  lock?: Lock;
  postgres?: PostgresService;
  kafka?: KafkaService;
  readonly children: Child[];
  /** aborted when we stop: no further step begins */
  readonly stop: AbortController;
}

type Say = (line: string) => void;

/**
 * Runs Postgres and Kafka, the schema, a relay and an API until a signal comes or something fails, and
 * stops what it has started. Prints one line on standard output when all is ready.
 * @param signal resolves with the signal that asks to stop
 * @param say gets everything else, line by line
 * @returns the exit code
 */
export async function runSystem(
  signal: Promise<{ signal: NodeJS.Signals }>,
  say: Say,
): Promise<number> {
  // Who reads our output may leave before we do; that is no reason to end, let alone to end badly.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const running: Running = { children: [], stop: new AbortController() };
  const started = start(running, say);
  let code = 0;
  try {
    const first = await Promise.race([signal, started.then(() => untilChildEnds(running))]);
    if ('ended' in first) throw new Error(first.ended);
    say(`${first.signal}: stopping`);
  } catch (error) {
    complain(error, say);
    code = 1;
  }
  running.lock?.update({ stopping: true });
  running.stop.abort();
  // A signal may have come in the middle of a step: what that has started must be stopped too. Once there
  // are programs, nothing more is started.
  if (running.children.length === 0) await within(STEP_LIMIT_MS, Promise.allSettled([started]));
  return (await stopAll(running, say)) ? code : 1;
}

async function start(running: Running, say: Say): Promise<void> {
  const settings = loadSettings();
  const dataDir = settings.dataDir ?? defaultDataDir(checkout);
  const { databaseUrl, kafkaBrokers, services } = settings;
  if (databaseUrl === undefined || kafkaBrokers === undefined) {
    running.lock = await claimInstance(dataDir, say);
  }
  const { signal } = running.stop;
  const options = { dataDir, databaseUrl, kafkaBrokers, services, signal, say };
  const { postgres, kafka } = await obtainServices({ ...options, purpose: 'start' });
  Object.assign(running, { postgres, kafka });
  signal.throwIfAborted();
  say('bringing the database up to date');
  await migrate({ databaseUrl: postgres.url, say });
  signal.throwIfAborted();
  say('starting relay and API');
  const env = environment(settings, postgres, kafka);
  for (const name of ['relay', 'api']) {
    const program = join(name, 'main.ts');
    running.children.push(startChild({ name, program, env, pass: say }));
  }
  running.lock?.update({ children: running.children.map(({ pid }) => pid) });
  const [, api] = await Promise.all(running.children.map(({ ready }) => ready));
  const brokers = kafka.brokers.join(',');
  const addresses = {
    rest: api?.rest,
    graphql: api?.graphql,
    postgres: postgres.url,
    kafka: brokers,
  };
  process.stdout.write(`ready ${JSON.stringify(addresses)}\n`);
}

/** The environment of relay and API: ours, and what we found out. */
function environment(
  settings: Settings,
  postgres: PostgresService,
  kafka: KafkaService,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: postgres.url,
    API_DATABASE_URL: settings.apiDatabaseUrl ?? roleUrl(postgres.url, 'scheduler_api'),
    RELAY_DATABASE_URL: settings.relayDatabaseUrl ?? roleUrl(postgres.url, 'scheduler_relay'),
    KAFKA_BROKERS: kafka.brokers.join(','),
    PORT: String(settings.port),
    HOST: settings.host,
    DEPLOYMENT: settings.deployment,
    CREATE_MISSING_TOPICS: process.env.CREATE_MISSING_TOPICS || 'true',
  };
}

async function untilChildEnds({ children }: Running): Promise<{ ended: string }> {
  const ends = children.map(async ({ name, ended }) => ({
    ended: `the ${name} ended by itself (${await ended}): see its log above`,
  }));
  return Promise.race(ends);
}

/** Programs first, then the services that they use. Returns whether all went well. */
async function stopAll({ children, postgres, kafka, lock }: Running, say: Say): Promise<boolean> {
  const ends = await Promise.all(
    children.map(async ({ name, end }) => ({ name, how: await end(CHILDREN_LIMIT_MS) })),
  );
  for (const { name, how } of ends) say(`${name} ended: ${how}`);
  const stops = await Promise.allSettled([
    postgres?.dispose(SERVICES_LIMIT_MS),
    kafka?.dispose(SERVICES_LIMIT_MS),
  ]);
  const failures = stops.filter((stop) => stop.status === 'rejected');
  for (const { reason } of failures) complain(reason, say);
  lock?.release();
  if (children.length > 0) say('stopped');
  return failures.length === 0;
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

/** Says what went wrong, with all its causes. */
function complain(error: unknown, say: Say): void {
  let cause: unknown = error;
  for (let prefix = 'error'; cause !== undefined; prefix = '  because') {
    say(`${prefix}: ${cause instanceof Error ? cause.message : String(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
}
