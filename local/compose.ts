import { join } from 'node:path';
import type { KafkaService, PostgresService, Service, ServiceOptions } from './contract.ts';
import { prepareDatabases, untilPostgresAnswers, urlOf } from './databases.ts';
import { container, randomPassword } from './docker.ts';
import { checkout, instanceName, readText, writeWhole } from './folders.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';
import { withLock } from './lock.mjs';
import { keptPorts } from './ports.ts';
import { mustRun, run } from './processes.ts';

/** Time for a service to answer once its container runs, milliseconds. */
const ANSWER_LIMIT_MS = 120_000;

type Name = 'postgres' | 'kafka';

/**
 * Postgres of docker-compose.yml, under a project name of this instance; its data stay in a volume.
 * @throws Error if there is no compose, or with the end of what it said
 */
export async function obtainComposePostgres(options: ServiceOptions): Promise<PostgresService> {
  const { id, port } = await up('postgres', options);
  const address = { host: `127.0.0.1:${port}`, password: passwordOf(options.dataDir) };
  // Compose starts it for the cron database `scheduler`, which is the only one that `npm start` wants.
  await prepareDatabases(address, 'scheduler');
  options.say(`Postgres runs in Docker on port ${port}`);
  return {
    ...service(id, 'SIGQUIT', () =>
      untilPostgresAnswers(urlOf(address, 'postgres'), ANSWER_LIMIT_MS),
    ),
    url: urlOf(address),
  };
}

/**
 * Kafka of docker-compose.yml, under a project name of this instance; its data stay in a volume.
 * @throws Error if there is no compose, or with the end of what it said
 */
export async function obtainComposeKafka(options: ServiceOptions): Promise<KafkaService> {
  const { id, port } = await up('kafka', options);
  const broker = `127.0.0.1:${port}`;
  await untilKafkaAnswers(broker, ANSWER_LIMIT_MS);
  options.say(`Kafka runs in Docker on port ${port}`);
  return {
    ...service(id, 'SIGKILL', () => untilKafkaAnswers(broker, ANSWER_LIMIT_MS)),
    brokers: [broker],
  };
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
    start: async () => {
      await held.start();
      await untilAnswers();
    },
    dispose: (limitMs) => held.stop('fast', limitMs),
  };
}

/** Brings a service of the compose file up, one at a time: they share a network. */
async function up(name: Name, options: ServiceOptions): Promise<{ id: string; port: number }> {
  const { dataDir, say } = options;
  const compose = await findCompose();
  const project = `event-scheduler-${instanceName(dataDir)}`;
  return withLock(
    join(dataDir, 'compose.lock'),
    () => undefined,
    async () => {
      const port = (await running(project, name))?.port ?? (await keptPorts(dataDir, [name]))[name];
      say(`starting ${name} by ${compose.join(' ')} (project ${project})`);
      const [command, ...args] = [
        ...[...compose, '--project-name', project, '--project-directory', checkout],
        ...['--file', join(checkout, 'docker-compose.yml'), 'up', '--detach', '--build', name],
      ] as [string, ...string[]];
      await mustRun(`starting ${name}`, command, args, {
        cwd: checkout,
        env: {
          [`${name.toUpperCase()}_PORT`]: String(port),
          POSTGRES_PASSWORD: passwordOf(dataDir),
          DOCKER_BUILDKIT: process.env.DOCKER_BUILDKIT ?? '',
        },
        log: join(dataDir, 'compose.log'),
        onLine: (line) => {
          if (/^(Step |Creating |Starting |Pulling | *✔)/.test(line)) say(`  ${line.slice(0, 76)}`);
        },
      });
      const found = await running(project, name);
      if (!found) throw new Error(`${name} does not run: see docker logs of project ${project}`);
      return found;
    },
  );
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
