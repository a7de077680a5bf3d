import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot } from './folders.ts';
import { mustRun, run } from './processes.ts';
import { every } from './wait.ts';

/** Where progress goes. */
export interface Progress {
  /** one line of progress */
  readonly say: (line: string) => void;
  /** folder for the logs of what was run */
  readonly logs: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs packages of the distribution: as root, after saying so.
 * @param packages their names; none is nothing to do
 * @throws Error with the exact command when we may not, or when it fails
 */
export async function installPackages(
  packages: readonly string[],
  { say, logs }: Progress,
): Promise<void> {
  if (packages.length === 0) return;
  if (!isRoot() || !(await hasProgram('apt-get'))) throw new Error(whatToInstall(packages));
  say(`installing packages of the distribution, as root: ${packages.join(' ')}`);
  const log = join(logs, 'apt.log');
  const report = every(2_000, (line: string) => say(`  ${line}`));
  const onLine = (line: string) => {
    if (/^(Need to get|Unpacking|Setting up)/.test(line)) report(line);
  };
  const options = { log, onLine, env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' } };
  // Another apt may be at work (unattended-upgrades): wait for it.
  const apt = ['-o', 'DPkg::Lock::Timeout=300', '-y'];
  await mustRun('updating the package lists', 'apt-get', [...apt, 'update'], options);
  await withoutMainCluster(() =>
    mustRun('installing packages', 'apt-get', [...apt, ...INSTALL, ...packages], options),
  );
}

const INSTALL = ['install', '--no-install-recommends'];

/** What to tell somebody who has to install packages by hand. */
function whatToInstall(packages: readonly string[]): string {
  return [
    'packages of the distribution are missing. As root, run',
    '',
    `    apt-get update && apt-get ${INSTALL.join(' ')} -y ${packages.join(' ')}`,
    '',
    'and try again. Or start Docker, or name running services by DATABASE_URL and KAFKA_BROKERS.',
  ].join('\n');
}

/** Whether a program is on the PATH. */
export async function hasProgram(name: string): Promise<boolean> {
  return (await run('sh', ['-c', 'command -v "$1"', 'sh', name])).code === 0;
}

const CREATE_CLUSTER = '/etc/postgresql-common/createcluster.d';

/**
 * Debian's PostgreSQL packages create and start a cluster of their own when they are installed. Ours
 * lies elsewhere: while we install, tell them not to.
 */
async function withoutMainCluster<T>(install: () => Promise<T>): Promise<T> {
  const file = join(CREATE_CLUSTER, 'event-scheduler.conf');
  const wasThere = existsSync(CREATE_CLUSTER);
  mkdirSync(CREATE_CLUSTER, { recursive: true });
  writeFileSync(file, 'create_main_cluster = false\n');
  try {
    return await install();
  } finally {
    rmSync(file);
    if (!wasThere && !existsSync('/etc/postgresql-common/createcluster.conf')) {
      rmSync(CREATE_CLUSTER, { recursive: true });
    }
  }
}
