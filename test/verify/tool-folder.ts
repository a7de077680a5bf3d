import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, defaultDataDir } from '../../local/folders.ts';
import { loadSettings } from '../../settings/settings.ts';

/** Where tools and packages of other languages are kept between runs, beside the test's other data. */
export function toolFolder(name: string): string {
  const folder = join(loadSettings().dataDir ?? defaultDataDir(checkout), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
