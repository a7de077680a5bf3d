import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, defaultDataDir } from '../../../local/folders.ts';
import { loadSettings } from '../../../settings/settings.ts';

/** Where other implementations are kept between runs, beside the test's other data. */
export function oracleFolder(): string {
  const folder = join(loadSettings().dataDir ?? defaultDataDir(checkout), 'recurrence-oracles');
  mkdirSync(folder, { recursive: true });
  return folder;
}
