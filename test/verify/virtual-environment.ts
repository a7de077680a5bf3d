import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../../local/processes.ts';

/**
 * A virtual environment of Python with packages of PyPI.
 * @param folder where it is kept between runs
 * @param wanted what pip is to install, as its arguments
 * @returns path of its python
 */
export async function virtualEnvironment(folder: string, wanted: string[]): Promise<string> {
  const python = join(folder, 'bin', 'python');
  const note = join(folder, 'packages');
  if (!existsSync(note) || readFileSync(note, 'utf8') !== wanted.join('\n')) {
    mkdirSync(folder, { recursive: true });
    await mustRun('making a virtual environment', 'python3', ['-m', 'venv', '--clear', folder]);
    const pip = ['-m', 'pip', '--quiet', 'install', ...wanted];
    await mustRun('installing Python packages', python, pip);
    writeFileSync(note, wanted.join('\n'));
  }
  return python;
}
