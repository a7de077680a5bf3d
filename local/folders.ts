import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Account, isCode, run } from './processes.ts';

/** This checkout: the folder above this one. */
export const checkout = dirname(import.meta.dirname);

/** Root's instances: accounts without rights have to get there, which the way to a checkout of root's may bar. */
const SYSTEM_FOLDER = '/var/lib/event-scheduler';

/** Whether we are root, and so may install packages and run programs as other accounts. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * A name for a checkout that no other on this machine has: its folder's, and a hash of the whole path.
 * @param path the checkout
 */
export function instanceName(path: string): string {
  const hash = createHash('sha256').update(resolve(path)).digest('hex').slice(0, 8);
  const name = basename(resolve(path))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return `${name}-${hash}`;
}

/**
 * Where an instance keeps its data unless DATA_DIR says otherwise: `.data` in the checkout, for root
 * a folder of the system.
 * @param path the checkout
 */
export function defaultDataDir(path: string): string {
  return isRoot() ? join(SYSTEM_FOLDER, instanceName(path)) : join(resolve(path), '.data');
}

/** Where what was downloaded lies, for all instances of this checkout (for root: of this machine). */
export function cacheFolder(): string {
  return isRoot() ? join(SYSTEM_FOLDER, 'cache') : join(checkout, '.data', 'cache');
}

/**
 * The account that a service runs as: ours, or as root one without rights (PostgreSQL refuses to run
 * as root, and nothing else need).
 * @param user name of the account to take as root
 * @throws Error if there is no such account
 */
export async function serviceAccount(user: string): Promise<Account | undefined> {
  if (!isRoot()) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => {
      const { code, output } = await run('id', [flag, user]);
      if (code !== 0) throw new Error(`the account ${user} is missing: ${output}`);
      return Number(output);
    }),
  );
  return { uid: uid as number, gid: gid as number };
}

/** Makes an instance's folder, if it is missing; others may pass through it to their own below. */
export function makeFolder(path: string): void {
  if (mkdirSync(path, { recursive: true }) !== undefined) chmodSync(path, 0o755);
}

/**
 * Makes a folder that only the given account may enter.
 * @throws Error if the account cannot get there
 */
export async function privateFolder(path: string, account: Account | undefined): Promise<void> {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  if (account) chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o700);
  if (!account) return;
  const { code } = await run('test', ['-w', path], { as: account });
  if (code !== 0) {
    throw new Error(
      `the account ${account.uid} cannot get to ${path}, because a folder above it is closed: set DATA_DIR to a folder that it can reach`,
    );
  }
}

/** Reads a small JSON file; undefined if there is none. */
export function readJson<T>(path: string): T | undefined {
  const text = readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** Reads a small file; undefined if there is none. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes a small JSON file, whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/**
 * Writes a small file, whole or not at all.
 * @param mode permissions
 */
export function writeWhole(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}
