import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { checkout } from '../../local/folders.ts';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** the lines of standard output, if they are JSON */
  readonly json: Record<string, unknown>[];
}

export interface RunOptions {
  /** settings, by their environment variables */
  readonly env?: Record<string, string>;
  /** what it reads from standard input */
  readonly input?: string;
}

/** The program itself: its launcher would look at all packages first. */
const program = join(checkout, 'cli/main.ts');

/** Runs the command line to its end, as a process of its own. */
export async function scheduler(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...options.env },
  });
  child.stdin.end(options.input ?? '');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const lines = stdout.startsWith('{') ? stdout.trimEnd().split('\n') : [];
  return { code, stdout, stderr, json: lines.map((line) => JSON.parse(line)) };
}
