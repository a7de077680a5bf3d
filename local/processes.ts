import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { born } from './lock.mjs';
import { holdsWithin, waitFor } from './wait.ts';

/** An account of the system that programs run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface RunOptions {
  /** another account than ours; needs root */
  readonly as?: Account | undefined;
  /** added to our environment */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** milliseconds after which the program is killed */
  readonly limitMs?: number;
  /** file that gets all output too */
  readonly log?: string;
  /** aborted: the program is told to end */
  readonly signal?: AbortSignal | undefined;
  /** every line that it prints, as it comes */
  readonly onLine?: (line: string) => void;
}

export interface Outcome {
  /** exit code; null when it was killed or could not be run at all */
  readonly code: number | null;
  /** both streams together */
  readonly output: string;
}

/**
 * Runs a program to its end. That it fails, is killed or does not exist is an outcome, no error.
 * @param command name or path of the program
 */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const lines: string[] = [];
  const child = spawn(command, args, {
    ...options.as,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.limitMs !== undefined && { timeout: options.limitMs, killSignal: 'SIGKILL' }),
    ...(options.signal && { signal: options.signal }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (options.log !== undefined) appendFileSync(options.log, `${line}\n`);
      options.onLine?.(line);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (code) => resolve({ code, output: lines.join('\n') }));
  });
}

/**
 * Runs a program that has to succeed.
 * @param what says in the error what was being done
 * @returns what it printed
 * @throws Error with the end of its output
 */
export async function mustRun(
  what: string,
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, output } = await run(command, args, options);
  if (code === 0) return output;
  const tail = output.split('\n').slice(-20).join('\n');
  const log = options.log === undefined ? '' : `\nAll of it: ${options.log}`;
  throw new Error(
    `${what}: ${command} failed (exit ${code ?? 'by signal or not run'})\n${tail}${log}`,
  );
}

/**
 * Starts a program that outlives us: in a session of its own (so that Ctrl-C on our terminal does
 * not reach it), output appended to a file.
 * @returns its process id
 */
export function startDaemon(
  command: string,
  args: readonly string[],
  options: { readonly as?: Account | undefined; readonly cwd: string; readonly log: string },
): Promise<number> {
  const log = openSync(options.log, 'a');
  const child = spawn(command, args, {
    ...options.as,
    cwd: options.cwd,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid as number));
  });
}

/**
 * The command line of a living process, to tell ours from one that has got its number since.
 * Undefined when there is none such.
 */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (born(pid) === undefined) return undefined;
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch (error) {
      if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined;
      throw error;
    }
  }
  return (await run('ps', ['-p', String(pid), '-o', 'command='])).output;
}

/** Whether a process with this id lives. */
export function isAlive(pid: number): boolean {
  return born(pid) !== undefined;
}

/**
 * Ends a process: asks it by SIGTERM, kills it when it is not gone in time.
 * @param limitMs milliseconds that it has for an orderly end; 0 kills at once
 * @returns whether it ended by itself
 */
export async function endProcess(pid: number, what: string, limitMs: number): Promise<boolean> {
  const gone = () => !isAlive(pid);
  if (limitMs > 0 && send(pid, 'SIGTERM') && (await holdsWithin(limitMs, gone))) return true;
  if (!send(pid, 'SIGKILL')) return true;
  await waitFor(`end of ${what}, process ${pid}, after SIGKILL`, 5_000, gone);
  return false;
}

/** Sends a signal; false if there is no such process. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (isCode(error, 'ESRCH')) return false;
    throw error;
  }
}

/** Whether an error is a system's error of this code, such as `ENOENT`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
