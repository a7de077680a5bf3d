import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
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
}

export interface RelayProcess {
  readonly pid: number;
  /** what it did so far */
  readonly steps: string[];
  /** its log lines so far */
  readonly log: string[];
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for its end */
  stop(): Promise<void>;
}

const program = new URL('relay-process.ts', import.meta.url).pathname;

/** Starts a relay as a process of its own. */
export function startRelay(options: RelayOptions): RelayProcess {
  const child = spawn(process.execPath, [program], {
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
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const steps: string[] = [];
  const log: string[] = [];
  createInterface(child.stdout).on('line', (line) => steps.push(line.replace(/^step /, '')));
  createInterface(child.stderr).on('line', (line) => log.push(line));
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return {
    pid: child.pid as number,
    steps,
    log,
    exited,
    kill: (signal) => child.kill(signal),
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await exited;
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
