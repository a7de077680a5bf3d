import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../local/folders.ts';
import type { LaneStep } from '../../relay/lane-context.ts';

/** Where and how a relay is to get a signal. */
export interface Arm {
  readonly step: LaneStep;
  /** so many of these steps pass before */
  readonly skip: number;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** ms after the step, while it goes on with its work */
  readonly delay: number;
  /** ms: when it has not come to the step by then, nothing happens any more */
  readonly within: number;
}

export interface RelayOptions {
  readonly env: NodeJS.ProcessEnv;
  /** its log goes here, `relay-<slot>.log` */
  readonly folder: string;
  /** loaded before the relay, if any: changes its code */
  readonly preload: string | null;
}

/** A relay in a process of its own. */
export interface Relay {
  readonly pid: number;
  /** Has it get a signal at a step. */
  arm(arm: Arm): void;
  /** @param shift ms that its clock is off from now on */
  setClock(shift: number): void;
  signal(signal: NodeJS.Signals): void;
  /**
   * Waits for the signal that it was armed with.
   * @param limit ms
   * @returns `<step> <lane>`; null when it has not come to that in time
   */
  untilHit(limit: number): Promise<string | null>;
  /** its exit code when it ended by itself; null when a signal ended it */
  readonly exited: Promise<number | null>;
}

const program = join(checkout, 'chaos', 'relays', 'relay-process.ts');
const ALWAYS = ['local/with-parent.mjs', 'test/harness/shifted-clock.ts'];

export function startRelay(slot: number, { env, folder, preload }: RelayOptions): Relay {
  const preloads = [...ALWAYS.map((file) => join(checkout, file)), ...(preload ? [preload] : [])];
  const imports = preloads.flatMap((file) => ['--import', pathToFileURL(file).href]);
  const child = spawn(process.execPath, [...imports, program], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stderr?.pipe(createWriteStream(join(folder, `relay-${slot}.log`), { flags: 'a' }));
  const hits: string[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    if (line.startsWith('at ')) hits.push(line.slice(3));
    child.emit('line');
  });
  return {
    pid: child.pid ?? 0,
    arm: (arm) => send(child, { arm }),
    setClock: (clock) => send(child, { clock }),
    signal: (signal) => child.kill(signal),
    untilHit: (limit) => untilHit(child, hits, limit),
    exited: once(child, 'close').then(([code]) => code),
  };
}

function send(child: ChildProcess, message: object): void {
  // One that has just been killed gets nothing any more.
  if (child.connected) child.send(message, () => undefined);
}

async function untilHit(
  child: ChildProcess,
  hits: string[],
  limit: number,
): Promise<string | null> {
  const signal = AbortSignal.timeout(limit);
  while (hits.length === 0 && !signal.aborted) {
    await once(child, 'line', { signal }).catch(() => undefined);
  }
  return hits.shift() ?? null;
}
