import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './folders.ts';
import { withLock } from './lock.mjs';
import { hasProgram, installPackages, type Progress } from './packages.ts';
import { mustRun } from './processes.ts';
import { every } from './wait.ts';

export interface MavenFetch {
  /** of the folder in the cache, with the version */
  readonly name: string;
  /** for people */
  readonly what: string;
  /** of the download, for people */
  readonly size: string;
  /** Maven's arguments, without where the jars are to lie */
  readonly goal: readonly string[];
}

/** Where the jars lie (or will), shared by all instances. */
export function jarFolder(name: string): string {
  return join(cacheFolder(), name);
}

/**
 * The folder with jars, fetched by Maven if it is not there yet.
 * @throws Error that says what to install, or with the end of Maven's output
 */
export async function obtainJarFolder(fetch: MavenFetch, progress: Progress): Promise<string> {
  const folder = jarFolder(fetch.name);
  const waits = () => progress.say(`waiting for another process that is fetching ${fetch.what}`);
  await withLock(`${folder}.lock`, waits, async () => {
    if (!existsSync(folder)) await fetchInto(folder, fetch, progress);
  });
  return folder;
}

async function fetchInto(folder: string, fetch: MavenFetch, progress: Progress): Promise<void> {
  const { say, logs, signal } = progress;
  if (!(await hasProgram('mvn'))) await installPackages(['maven'], progress);
  say(`fetching ${fetch.what} by Maven (${fetch.size}; once)`);
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o755 });
  const report = every(2_000, (files: number) => say(`  ${files} files fetched`));
  let files = 0;
  await mustRun(
    `fetching ${fetch.what}`,
    'mvn',
    ['--batch-mode', ...fetch.goal, `-DoutputDirectory=${draft}`],
    {
      signal,
      log: join(logs, 'maven.log'),
      onLine: (line) => {
        if (line.includes('Downloaded')) report(++files);
      },
    },
  );
  renameSync(draft, folder);
}
