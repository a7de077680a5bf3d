import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { waitFor } from '../../local/wait.ts';
import type { LaneStep } from '../../relay/lane-context.ts';

export interface RelayOptions {
  readonly relayUrl: string;
  readonly kafkaBrokers: string[];
  readonly deployment: string;
  /** more settings, by their environment variables */
  readonly settings?: Record<string, string>;
  /** kill -9 at the first step of this name */
  readonly killAt?: LaneStep;
  /** SIGSTOP at the first step of this name */
  readonly stopAt?: LaneStep;
  /** ms by which its clock is off at first; without it the clock cannot be set */
  readonly clockShift?: number;
  /** so many steps of that name pass before the signal; default 0 */
  readonly after?: number;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RelayProcess {
  readonly pid: number;
  /** what it did so far */
  readonly steps: string[];
  /** its log lines so far */
  readonly log: string[];
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  /** Steps its clock. @param shift ms by which it is off from now on */
  setClock(shift: number): void;
  /** SIGTERM, and waits for its end */
  stop(): Promise<Exit>;
}

const program = new URL('relay-process.ts', import.meta.url).pathname;
const shiftedClock = new URL('shifted-clock.ts', import.meta.url).href;

/** Starts a relay as a process of its own. */
export function startRelay(options: RelayOptions): RelayProcess {
  const { clockShift } = options;
  const imports = clockShift === undefined ? [] : ['--import', shiftedClock];
  const child = spawn(process.execPath, [...imports, program], {
    env: {
      ...process.env,
      RELAY_DATABASE_URL: options.relayUrl,
      KAFKA_BROKERS: options.kafkaBrokers.join(','),
      DEPLOYMENT: options.deployment,
      LEASE_SECONDS: '1',
      POLL_SECONDS: '1',
      ...options.settings,
      KILL_AT: options.killAt ?? '',
      STOP_AT: options.stopAt ?? '',
      SIGNAL_AFTER: String(options.after ?? 0),
      CLOCK_SHIFT: String(clockShift ?? 0),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  const steps: string[] = [];
  const log: string[] = [];
  createInterface(child.stdout).on('line', (line) =>
    steps.push(line.replace(/^step (\S+) \d+$/, '$1')),
  );
  createInterface(child.stderr).on('line', (line) => log.push(line));
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return {
    pid: child.pid as number,
    steps,
    log,
    exited,
    kill: (signal) => child.kill(signal),
    setClock: (clock) => void child.send({ clock }),
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/**
 * Waits until it works.
 * @throws with its last log lines when it does not
 */
export async function untilReady(relay: RelayProcess): Promise<void> {
  try {
    await waitFor('the relay is ready', 30_000, () => relay.steps.includes('ready {}'));
  } catch (error) {
    throw new Error(relay.log.slice(-5).join('\n'), { cause: error });
  }
}

/** Waits until SIGSTOP has stopped it. */
export async function untilStopped(relay: RelayProcess): Promise<void> {
  await waitFor('the relay stands still', 30_000, () => processState(relay.pid) === 'T');
}

/** How often a line of its log contains a text. */
export function timesLogged(relay: RelayProcess, text: string): number {
  return relay.log.filter((line) => line.includes(text)).length;
}

/** Its memory now, bytes (resident). */
export function residentBytes(relay: RelayProcess): number {
  const status = readFileSync(`/proc/${relay.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** The letter of proc(5): R running, S sleeping, T stopped … */
function processState(pid: number): string | undefined {
  return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
}
