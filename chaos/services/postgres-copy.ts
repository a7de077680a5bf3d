import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NativePostgres } from '../../local/postgres.ts';
import { mustRun } from '../../local/processes.ts';

/**
 * Copies the data of a running server, consistent as of the end of the copy, into a folder beside them.
 * @param name of the copy
 * @throws Error with what pg_basebackup said
 */
export async function copyData(server: NativePostgres, name: string): Promise<void> {
  const { folder, bin, account } = server;
  const { hostname, port, password } = new URL(server.url);
  const copy = folderOf(name);
  await shell(server, `rm -rf ${copy}.new`);
  await mustRun(
    'copying the data of Postgres',
    join(bin, 'pg_basebackup'),
    [
      ...['-h', hostname, '-p', port, '-U', 'postgres', '--pgdata', `${copy}.new`],
      // What it has to survive is a crash of Postgres, not of this machine.
      ...['--wal-method', 'stream', '--checkpoint', 'fast', '--no-sync', '--no-manifest'],
    ],
    { as: account, cwd: folder, env: { PGPASSWORD: decodeURIComponent(password) } },
  );
  await shell(server, `rm -rf ${copy} && mv ${copy}.new ${copy}`);
}

/**
 * Puts the copy in the place of the data of a stopped server.
 * @throws Error when there is none
 */
export async function bringBack(server: NativePostgres, name: string): Promise<void> {
  const copy = folderOf(name);
  if (!existsSync(join(server.folder, copy)))
    throw new Error(`there is no copy ${name} of Postgres`);
  await shell(
    server,
    `rm -rf data.new && cp -a ${copy} data.new && rm -rf data && mv data.new data`,
  );
}

function folderOf(name: string): string {
  return `copy-${name}`;
}

async function shell({ folder, account }: NativePostgres, script: string): Promise<void> {
  await mustRun('moving a copy of Postgres', 'sh', ['-c', script], { as: account, cwd: folder });
}
