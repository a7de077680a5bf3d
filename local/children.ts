import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { checkout } from './folders.ts';

/** One of our programs, running as a process of its own. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  /** what the program said of itself when it was ready; rejects if it ends before */
  readonly ready: Promise<Record<string, string>>;
  /** how it ended, in words; never rejects */
  readonly ended: Promise<string>;
  /**
   * Asks it to finish what is in flight and end; kills it when it has not in time.
   * @param limitMs milliseconds
   * @returns how it ended, in words
   */
  end(limitMs: number): Promise<string>;
}

export interface ChildOptions {
  readonly name: string;
  /** path of the program, from the checkout */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** gets each line of its output but the one that says `ready` */
  readonly pass: (line: string) => void;
}

const READY = /^ready (\{.*\})$/;

/**
 * Starts a program with this same Node. It is ready when it prints a line `ready ` and a JSON object.
 * It does not get our terminal's signals, only ours, and ends when we are gone.
 */
export function startChild({ name, program, env, pass }: ChildOptions): Child {
  const follow = pathToFileURL(join(import.meta.dirname, 'with-parent.mjs')).href;
  const child = spawn(process.execPath, ['--import', follow, join(checkout, program)], {
    cwd: checkout,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = untilEnd(child);
  const ready = new Promise<Record<string, string>>((resolve, reject) => {
    onLine(child.stdout, (line) => {
      const match = READY.exec(line);
      if (match) resolve(JSON.parse(match[1] as string));
      else pass(line);
    });
    ended.then((how) => reject(new Error(`${name} ended before it was ready: ${how}`)));
  });
  onLine(child.stderr, pass);
  const end = async (limitMs: number) => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    try {
      return await ended;
    } finally {
      clearTimeout(timer);
    }
  };
  return { name, pid: child.pid ?? 0, ready, ended, end };
}

function onLine(input: NodeJS.ReadableStream | null, use: (line: string) => void): void {
  if (input) createInterface({ input }).on('line', use);
}

/** Waits for the end of a process and of its output. */
function untilEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit ${code}`));
  });
}
