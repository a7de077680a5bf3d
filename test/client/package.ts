import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../../local/folders.ts';

/** Runs a program to its end; throws with its output when it fails. */
export const run = promisify(execFile);

/**
 * A new folder in which our package is installed as somebody else's: packed by npm, unpacked, the
 * packages that it needs beside it.
 */
export async function installPackage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scheduler-package-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, 'event-scheduler'), { recursive: true });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: checkout,
  });
  const packed = Object.values<{ filename: string }>(
    JSON.parse(stdout.slice(stdout.search(/^[[{]/m))),
  );
  const tarball = join(folder, packed[0]?.filename ?? '');
  await run('tar', ['-xzf', tarball, '--strip-components=1'], {
    cwd: join(modules, 'event-scheduler'),
  });
  for (const name of await readdir(join(checkout, 'node_modules'))) {
    if (!name.startsWith('.'))
      await symlink(join(checkout, 'node_modules', name), join(modules, name));
  }
  return folder;
}
