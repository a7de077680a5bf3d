import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { checkout, defaultDataDir } from '../local/folders.ts';
import { obtainPostgres, type PostgresService } from '../local/services.ts';
import { loadSettings } from '../settings/settings.ts';
import { query, withDatabase } from './connect.ts';
import { migrate } from './migrate.ts';

export interface Scratch {
  readonly postgres: PostgresService;
  /** folder for logs */
  readonly dataDir: string;
}

/** A Postgres for databases that are made, looked at and dropped. To be disposed of. */
export async function scratchPostgres(say: (line: string) => void): Promise<Scratch> {
  const settings = loadSettings();
  const dataDir = join(settings.dataDir ?? defaultDataDir(checkout), 'check');
  const postgres = await obtainPostgres({
    dataDir,
    purpose: 'test',
    databaseUrl: settings.databaseUrl,
    services: settings.services,
    say,
  });
  return { postgres, dataDir };
}

/**
 * Makes a database, sets it up as the committed migrations say, and drops it after use.
 * @param serverUrl DSN of a superuser
 */
export async function withScratchDatabase<T>(
  serverUrl: string,
  say: (line: string) => void,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const name = `check_${randomUUID().slice(0, 8)}`;
  const url = withDatabase(serverUrl, name);
  await query(serverUrl, `create database ${name}`);
  try {
    await migrate({ databaseUrl: url, say });
    return await use(url);
  } finally {
    await query(serverUrl, `drop database ${name} with (force)`);
  }
}
