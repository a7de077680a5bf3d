import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './folders.ts';
import { type Lock, tryLock } from './lock.mjs';
import { commandLine, endProcess } from './processes.ts';
import { GivenUp, waitFor } from './wait.ts';

/** Time in which a run whose npm was killed notices that, milliseconds. */
const NOTICE_LIMIT_MS = 1_000;

/** Time that an `npm start` which is stopping has to end, milliseconds. */
const STOPPING_LIMIT_MS = 15_000;

/**
 * Claims an instance's folder for this process, so that only one `npm start` uses it at a time. Waits
 * for one that is stopping, and ends what one that was killed has left running (its services it leaves
 * to be taken over).
 * @param dataDir the instance's folder
 * @param say gets one line of progress
 * @throws Error if another one is running
 */
export async function claimInstance(dataDir: string, say: (line: string) => void): Promise<Lock> {
  makeFolder(dataDir);
  const path = join(realpathSync(dataDir), 'start.lock');
  const begin = performance.now();
  let told = false;
  const lock = await waitFor('the previous run ends', STOPPING_LIMIT_MS, () => {
    const { lock, holder } = tryLock(path);
    if (lock) return lock;
    if (!holder.stopping) {
      if (performance.now() - begin < NOTICE_LIMIT_MS) return undefined;
      throw new AlreadyRunning(holder.pid, dataDir);
    }
    if (!told) say(`waiting for process ${holder.pid}, which is stopping`);
    told = true;
    return undefined;
  });
  for (const pid of lock.previous?.children ?? []) await endLeftover(pid, say);
  return lock;
}

/** Two runs on one folder. */
class AlreadyRunning extends GivenUp {
  constructor(pid: number, dataDir: string) {
    super(
      `already running: process ${pid} uses ${dataDir}. Stop it first, or give this one a DATA_DIR and a PORT of its own`,
    );
  }
}

/** A killed run's programs end by themselves; see that they are gone before ours take their place. */
async function endLeftover(pid: number, say: (line: string) => void): Promise<void> {
  const command = await commandLine(pid);
  if (!command?.includes('with-parent.mjs')) return;
  say(`ending process ${pid}, left over by a run that was killed`);
  await endProcess(pid, command, 5_000);
}
