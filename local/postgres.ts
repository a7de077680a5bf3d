import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PostgresService, ServiceOptions, StopMode } from './contract.ts';
import { STOP_LIMIT_MS } from './contract.ts';
import {
  type PostgresAddress,
  prepareDatabases,
  untilPostgresAnswers,
  urlOf,
} from './databases.ts';
import { privateFolder, readText, serviceAccount, writeWhole } from './folders.ts';
import { withLock } from './lock.mjs';
import { installPackages } from './packages.ts';
import { keptPorts } from './ports.ts';
import { findPostgres, type PostgresPrograms } from './postgres-programs.ts';
import { type Account, commandLine, mustRun, run } from './processes.ts';
import { waitFor } from './wait.ts';

/** A Postgres that is a process of this machine, and where it lies, for who copies its data. */
export interface NativePostgres extends PostgresService {
  /** its folder, with `data`; only `account` may enter */
  readonly folder: string;
  /** folder of pg_ctl, pg_basebackup, … */
  readonly bin: string;
  /** who it runs as; undefined: we ourselves */
  readonly account: Account | undefined;
}

/** A private server: everything needed to start and stop it. */
interface Server {
  readonly programs: PostgresPrograms;
  readonly account: Account | undefined;
  /** its folder, with `data`, `password` and `postgres.log` */
  readonly folder: string;
  readonly data: string;
  readonly log: string;
  readonly cronDatabase: string;
}

/**
 * Packages that a native Postgres still needs.
 * @param dataDir the instance's folder
 */
export async function missingForPostgres(dataDir: string): Promise<string[]> {
  const found = await findPostgres(majorOfData(join(dataDir, 'postgres', 'data')));
  return 'missing' in found ? found.missing : [];
}

/**
 * A private PostgreSQL server with pg_cron on 127.0.0.1, its data in `<dataDir>/postgres`: started, or
 * taken over if it runs already. The distribution's own clusters are left alone.
 * @throws Error that says what to install, or what failed
 */
export async function obtainNativePostgres(options: ServiceOptions): Promise<NativePostgres> {
  const { dataDir, say } = options;
  await installPackages(await missingForPostgres(dataDir), { say, logs: dataDir });
  const waits = () => say('waiting for another process that is starting this Postgres');
  return withLock(join(dataDir, 'postgres.lock'), waits, async () => {
    const server = await setUp(options);
    const running = await runningPort(server);
    const port = running ?? (await keptPorts(dataDir, ['postgres'])).postgres;
    if (running === undefined) await start(server, port, say);
    const address = {
      host: `127.0.0.1:${port}`,
      password: readText(join(server.folder, 'password'))?.trim() ?? '',
    };
    const { restart } = await prepareDatabases(address, server.cronDatabase);
    if (restart) {
      await stop(server, 'fast', STOP_LIMIT_MS);
      await start(server, port, say);
      await prepareDatabases(address, server.cronDatabase);
    }
    say(`Postgres ${server.programs.major} ${running ? 'was running' : 'runs'} on port ${port}`);
    return service(server, port, address, say);
  });
}

function service(
  server: Server,
  port: number,
  address: PostgresAddress,
  say: (line: string) => void,
): NativePostgres {
  const stopIt = (mode: StopMode = 'fast', limitMs = STOP_LIMIT_MS) => stop(server, mode, limitMs);
  const { folder, account, programs } = server;
  return {
    ...{ folder, account, bin: programs.bin },
    how: 'native',
    url: urlOf(address),
    stop: stopIt,
    start: async () => {
      await start(server, port, say);
      await untilPostgresAnswers(urlOf(address, 'postgres'), 60_000);
    },
    dispose: (limitMs) => stopIt('fast', limitMs),
  };
}

/** Makes the folder, the password and the empty cluster, whatever of it is missing. */
async function setUp({ dataDir, cronDatabase, say }: ServiceOptions): Promise<Server> {
  const folder = join(dataDir, 'postgres');
  const data = join(folder, 'data');
  const found = await findPostgres(majorOfData(data));
  if ('missing' in found) throw new Error(`${found.missing.join(' ')}: installed, but not found`);
  const account = await serviceAccount('postgres');
  await privateFolder(folder, account);
  const log = join(folder, 'postgres.log');
  const server = { programs: found.programs, account, folder, data, log };
  if (!existsSync(data)) {
    say('creating an empty Postgres cluster');
    await initialise(server);
  }
  return { ...server, cronDatabase: cronDatabase ?? 'scheduler' };
}

async function initialise(server: Omit<Server, 'cronDatabase'>): Promise<void> {
  const passwordFile = join(server.folder, 'password');
  writeWhole(passwordFile, `${randomBytes(24).toString('base64url')}\n`, 0o600);
  if (server.account) chownSync(passwordFile, server.account.uid, server.account.gid);
  // Under another name until it is whole: an interrupted initdb must not look like a cluster.
  const draft = `${server.data}.new`;
  rmSync(draft, { recursive: true, force: true });
  await mustRun(
    'creating a Postgres cluster',
    join(server.programs.bin, 'initdb'),
    [
      ...['--pgdata', draft, '--username', 'postgres', '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C.UTF-8'],
    ],
    { as: server.account, cwd: server.folder },
  );
  renameSync(draft, server.data);
}

function majorOfData(data: string): number | undefined {
  const version = readText(join(data, 'PG_VERSION'));
  return version === undefined ? undefined : Number(version);
}

/** What we set; the rest of postgresql.conf is initdb's and whoever tunes it. */
function configuration(port: number, cronDatabase: string): string {
  return [
    '# Written at each start by local/postgres.ts; tune in postgresql.conf.',
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    "unix_socket_directories = ''",
    'max_connections = 200',
    "shared_preload_libraries = 'pg_cron'",
    `cron.database_name = '${cronDatabase.replaceAll("'", "''")}'`,
    '# So that its jobs need no password; each running job takes one of the worker processes.',
    'cron.use_background_workers = on',
    'max_worker_processes = 24',
    'jit = off',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    '',
  ].join('\n');
}

async function start(server: Server, port: number, say: (line: string) => void): Promise<void> {
  writeOwned(server, 'event-scheduler.conf', configuration(port, server.cronDatabase));
  const main = readText(join(server.data, 'postgresql.conf')) ?? '';
  const include = "include 'event-scheduler.conf'";
  if (!main.includes(include)) writeOwned(server, 'postgresql.conf', `${main}\n${include}\n`);
  await removeForeignPid(server);
  say(`starting Postgres ${server.programs.major} (log: ${server.log})`);
  const command = join(server.programs.bin, 'pg_ctl');
  const args = ['start', '-w', '-t', '300', '-s', '-D', server.data, '-l', server.log];
  // For a moment after a kill -9 the old server's children hold its shared memory, and it refuses.
  await waitFor(`Postgres starts (see ${server.log})`, 10_000, async () => {
    await mustRun('starting Postgres', command, args, { as: server.account, cwd: server.folder });
    return true;
  });
}

async function stop(server: Server, mode: StopMode, limitMs: number): Promise<void> {
  if ((await runningPort(server)) === undefined) return;
  const pgCtl = (how: StopMode, seconds: number) =>
    run(
      join(server.programs.bin, 'pg_ctl'),
      ['stop', '-w', '-t', String(seconds), '-s', '-D', server.data, '-m', how],
      { as: server.account, cwd: server.folder },
    );
  const first = await pgCtl(mode, Math.max(1, Math.ceil(limitMs / 1000)));
  if (first.code === 0) return;
  const second = await pgCtl('immediate', 5);
  if (second.code !== 0)
    throw new Error(`Postgres does not stop: ${first.output}\n${second.output}`);
}

/** The port of our server if it runs: first line of its pid file the process, fourth the port. */
async function runningPort(server: Server): Promise<number | undefined> {
  const lines = readText(join(server.data, 'postmaster.pid'))?.split('\n') ?? [];
  const command = await commandLine(Number(lines[0] ?? 0));
  return command?.includes(server.data) ? Number(lines[3]) : undefined;
}

/**
 * After a crash of the machine the number in the pid file may belong to something else, and Postgres
 * would refuse to start because of it.
 */
async function removeForeignPid(server: Server): Promise<void> {
  const file = join(server.data, 'postmaster.pid');
  const pid = Number(readText(file)?.split('\n')[0] ?? 0);
  const command = await commandLine(pid);
  if (command !== undefined && !command.includes(server.data)) rmSync(file, { force: true });
}

function writeOwned(server: Server, name: string, text: string): void {
  const file = join(server.data, name);
  writeWhole(file, text, 0o600);
  if (server.account) chownSync(file, server.account.uid, server.account.gid);
}
