// Plain JavaScript, because bootstrap.mjs needs it before anything is installed (Node 20).
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a lock file says of its holder.
 * @typedef {{ pid: number, born: string, stopping?: boolean, children?: number[] }} Holder
 */

/**
 * A held lock: `update` adds to what the file says, `release` gives it up. `previous` is what a
 * holder left that died without releasing.
 * @typedef {{
 *   previous: Holder | undefined,
 *   update: (change: Partial<Holder>) => void,
 *   release: () => void,
 * }} Lock
 */

/**
 * Takes a lock if nobody who lives holds it.
 * @param {string} path the lock file
 * @returns {{ lock: Lock, holder?: undefined } | { lock?: undefined, holder: Holder }}
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  /** @type {Holder} */
  const self = { pid: process.pid, born: born(process.pid) ?? '' };
  /** @type {Holder | undefined} */
  let previous;
  // Bounded: each round either takes the lock, finds a living holder or removes one dead file.
  for (let round = 0; round < 100; round++) {
    if (createWhole(path, self)) return { lock: held(path, self, previous) };
    const holder = read(path);
    if (holder && isLiving(holder)) return { holder };
    previous = removeDead(path) ?? previous;
  }
  throw new Error(`cannot take the lock ${path}: it keeps changing hands`);
}

/**
 * Runs something under a lock, waiting for whoever holds it.
 * @template T
 * @param {string} path the lock file
 * @param {(holder: Holder) => void} onWait called once if we have to wait
 * @param {() => T | Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, run) {
  let told = false;
  for (;;) {
    const { lock, holder } = tryLock(path);
    if (lock) {
      try {
        return await run();
      } finally {
        lock.release();
      }
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(100);
  }
}

/**
 * When a process began, in the system's own words: with its pid, this names it for good, while a pid
 * alone is given again to others. Undefined if there is none such (any more).
 * @param {number} pid
 */
export function born(pid) {
  if (process.platform !== 'linux') return isAlive(pid) ? '' : undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the command's closing bracket: state is field 3, the start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ESRCH')) return undefined;
    throw error;
  }
}

/** @param {Holder} holder */
function isLiving(holder) {
  return born(holder.pid) === holder.born;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
    if (isCode(error, 'EPERM')) return true;
    throw error;
  }
}

/**
 * Creates the file with its content at once, so that nobody ever reads half of it.
 * @param {string} path
 * @param {Holder} holder
 */
function createWhole(path, holder) {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/**
 * Moves a dead holder's file away, and puts it back if another took the lock in between.
 * @param {string} path
 */
function removeDead(path) {
  const away = `${path}.${randomUUID()}`;
  try {
    renameSync(path, away);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const holder = read(away);
  if (holder && isLiving(holder)) createWhole(path, holder);
  rmSync(away);
  return holder;
}

/**
 * @param {string} path
 * @param {Holder} self
 * @param {Holder | undefined} previous
 * @returns {Lock}
 */
function held(path, self, previous) {
  let current = self;
  return {
    previous,
    update(change) {
      current = { ...current, ...change };
      const draft = `${path}.${randomUUID()}`;
      writeFileSync(draft, JSON.stringify(current));
      renameSync(draft, path);
    },
    release: () => rmSync(path, { force: true }),
  };
}

/**
 * @param {string} path
 * @returns {Holder | undefined}
 */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // Gone meanwhile, or cut short by a full disk or a power failure: nobody holds it.
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * @param {unknown} error
 * @param {...string} codes
 */
function isCode(error, ...codes) {
  return error instanceof Error && codes.includes(/** @type {any} */ (error).code);
}
