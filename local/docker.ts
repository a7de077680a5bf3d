import { randomBytes } from 'node:crypto';
import { STOP_LIMIT_MS, type StopMode } from './contract.ts';
import { mustRun, run } from './processes.ts';

/** How long an engine may take to answer, milliseconds. */
const ANSWER_LIMIT_MS = 2_000;

/** Whether a Docker engine answers. */
export async function dockerAnswers(): Promise<boolean> {
  const args = ['info', '--format', '{{.ServerVersion}}'];
  const { code, output } = await run('docker', args, { limitMs: ANSWER_LIMIT_MS });
  return code === 0 && /^\d/m.test(output);
}

/** A container, to be stopped and started as often as one likes: its ports and data stay. */
export interface Container {
  /** `fast` asks it to stop and kills it when time is up; `immediate` is a crash */
  stop(mode: StopMode, limitMs?: number): Promise<void>;
  start(): Promise<void>;
  /** removes it, with its data unless they are in a named volume */
  remove(): Promise<void>;
}

/**
 * Takes hold of a container.
 * @param id its id
 * @param crash the signal that is an immediate shutdown to the program in it
 */
export function container(id: string, crash: 'SIGQUIT' | 'SIGKILL'): Container {
  const docker = (what: string, ...args: string[]) => mustRun(what, 'docker', [...args, id]);
  return {
    async stop(mode, limitMs = STOP_LIMIT_MS) {
      if (mode === 'fast') {
        await docker('stopping a container', 'stop', '-t', String(Math.ceil(limitMs / 1000)));
        return;
      }
      await docker('killing a container', 'kill', '-s', crash);
      await docker('waiting for the end of a container', 'wait');
    },
    async start() {
      await docker('starting a container', 'start');
    },
    async remove() {
      await docker('removing a container', 'rm', '--force', '--volumes');
    },
  };
}

/** A password that nobody can guess, safe in a URL. */
export function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}
