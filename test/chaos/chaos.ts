import { join } from 'node:path';
import { checkout, defaultDataDir } from '../../local/folders.ts';
import { type Outcome, run } from '../../local/processes.ts';
import { loadSettings } from '../../settings/settings.ts';

/** Runs the chaos harness as a process, on services of its own. */
export function chaos(options: readonly string[]): Promise<Outcome> {
  const dataDir = join(loadSettings().dataDir ?? defaultDataDir(checkout), 'test');
  return run(process.execPath, [join(checkout, 'chaos', 'main.ts'), ...options], {
    cwd: checkout,
    env: { DATA_DIR: dataDir },
  });
}
