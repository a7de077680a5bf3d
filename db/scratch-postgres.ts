import { join } from 'node:path';
import { checkout, defaultDataDir } from '../local/folders.ts';
import { obtainPostgres, type PostgresService } from '../local/services.ts';
import { loadSettings } from '../settings/settings.ts';

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
