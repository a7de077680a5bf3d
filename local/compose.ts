import { join } from 'node:path';
import type { KafkaService, PostgresService, Service, ServiceOptions } from './contract.ts';
import { prepareDatabases, untilPostgresAnswers, urlOf } from './databases.ts';
import { container, randomPassword } from './docker.ts';
import { checkout, instanceName, readText, writeWhole } from './folders.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';
import { withLock } from './lock.mjs';
import { keptPorts } from './ports.ts';
import { mustRun, run } from './processes.ts';
import { GivenUp } from './wait.ts';

/** Time for a service to answer once its container runs, milliseconds. */
const ANSWER_LIMIT_MS = 120_000;
/** Time for an orderly stop of what did not get ready, milliseconds. */
const GIVE_UP_LIMIT_MS = 2_000;

type Name = 'postgres' | 'kafka';

/**
 * Postgres of docker-compose.yml, under a project name of this instance; its data stay in a volume.
 * @throws Error if there is no compose, or with the end of what it said
 */
export async function obtainComposePostgres(options: ServiceOptions): Promise<PostgresService> {
  const { id, port } = await up('postgres', options);
  const address = { host: `127.0.0.1:${port}`, password: passwordOf(options.dataDir) };
  const postgres = service(id, 'SIGQUIT', () =>
    untilPostgresAnswers(urlOf(address, 'postgres'), ANSWER_LIMIT_MS),
  );
  // Compose starts it for the cron database `scheduler`, which is the only one that `npm start` wants.
  await orStop(postgres, prepareDatabases(address, 'scheduler'));
  options.say(`Postgres runs in Docker on port ${port}`);
  return { ...postgres, url: urlOf(address) };
}

/**
 * Kafka of docker-compose.yml, under a project name of this instance; its data stay in a volume.
 * @throws Error if there is no compose, or with the end of what it said
 */
export async function obtainComposeKafka(options: ServiceOptions): Promise<KafkaService> {
  const { id, port } = await up('kafka', options);
  const broker = `127.0.0.1:${port}`;
  const untilAnswers = (check?: () => void) => untilKafkaAnswers(broker, ANSWER_LIMIT_MS, check);
  const kafka = service(id, 'SIGKILL', untilAnswers);
  const check = () => {
    if (options.signal?.aborted) throw new GivenUp('stopped while Kafka was starting');
  };
  await orStop(kafka, untilAnswers(check));
  options.say(`Kafka runs in Docker on port ${port}`);
  return { ...kafka, brokers: [broker] };
}

/** Waits for a service that has just been started; if it does not get ready, it is stopped again. */
async function orStop(started: Service, ready: Promise<unknown>): Promise<void> {
  try {
    await ready;
  } catch (error) {
    await started.dispose(GIVE_UP_LIMIT_MS);
    throw error;
  }
}

function service(
  id: string,
  crash: 'SIGQUIT' | 'SIGKILL',
  untilAnswers: () => Promise<void>,
): Service {
  const held = container(id, crash);
  return {
    how: 'docker',
    stop: (mode = 'fast', limitMs) => held.stop(mode, limitMs),
    async start() {
      await held.start();
      await untilAnswers();
    },
    dispose: (limitMs) => held.stop('fast', limitMs),
  };
}

/** Brings a service of the compose file up, one at a time: they share a network. */
async function up(name: Name, options: ServiceOptions): Promise<{ id: string; port: number }> {
  const { dataDir } = options;
  const compose = await findCompose();
  const project = `event-scheduler-${instanceName(dataDir)}`;
  const lock = join(dataDir, 'compose.lock');
  const unsaid = () => undefined;
  return withLock(lock, unsaid, async () => {
    const port = (await running(project, name))?.port ?? (await keptPorts(dataDir, [name]))[name];
    options.say(`starting ${name} by ${compose.join(' ')} (project ${project})`);
    try {
      await composeUp(compose, project, name, port, options);
    } catch (error) {
      const left = await running(project, name);
      if (left) await container(left.id, 'SIGKILL').stop('fast', GIVE_UP_LIMIT_MS);
      throw error;
    }
    const found = await running(project, name);
    if (!found) throw new Error(`${name} does not run: see docker logs of project ${project}`);
    return found;
  });
}

async function composeUp(
  compose: string[],
  project: string,
  name: Name,
  port: number,
  { dataDir, signal, say }: ServiceOptions,
): Promise<void> {
  const [command, ...args] = [
    ...[...compose, '--project-name', project, '--project-directory', checkout],
    ...['--file', join(checkout, 'docker-compose.yml'), 'up', '--detach', '--build', name],
  ] as [string, ...string[]];
  await mustRun(`starting ${name}`, command, args, {
    cwd: checkout,
    signal,
    env: {
      [`${name.toUpperCase()}_PORT`]: String(port),
      POSTGRES_PASSWORD: passwordOf(dataDir),
    },
    log: join(dataDir, 'compose.log'),
    onLine: (line) => {
      if (/^(Step |Creating |Starting |Pulling | *✔)/.test(line)) say(`  ${line.slice(0, 76)}`);
    },
  });
}

/** The container of a service and the port of this machine that leads to it, if it runs. */
async function running(
  project: string,
  name: Name,
): Promise<{ id: string; port: number } | undefined> {
  const filters = [`project=${project}`, `service=${name}`].flatMap((label) => [
    '--filter',
    `label=com.docker.compose.${label}`,
  ]);
  const format = ['--format', '{{.ID}} {{.Ports}}'];
  const output = await mustRun('looking for containers', 'docker', ['ps', ...filters, ...format]);
  const match = /^(\S+) .*127\.0\.0\.1:(\d+)->/m.exec(output);
  return match ? { id: match[1] as string, port: Number(match[2]) } : undefined;
}

/** Compose as Docker's plugin, or the older program. */
async function findCompose(): Promise<string[]> {
  for (const compose of [['docker', 'compose'], ['docker-compose']]) {
    const [command, ...args] = compose as [string, ...string[]];
    if ((await run(command, [...args, 'version'])).code === 0) return compose;
  }
  throw new Error('Docker answers, but there is neither `docker compose` nor `docker-compose`');
}

/** The superuser's password, kept in a file. The container takes on whatever it is told at a start. */
function passwordOf(dataDir: string): string {
  const file = join(dataDir, 'docker.password');
  const kept = readText(file)?.trim();
  if (kept) return kept;
  const password = randomPassword();
  writeWhole(file, `${password}\n`, 0o600);
  return password;
}
