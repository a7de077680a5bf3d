import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readJson, writeJson } from './folders.ts';
import { isCode } from './processes.ts';

// Below what Linux and macOS hand out to outgoing connections (from 32768, 49152): such a port
// could be taken by any passing connection while we are stopped.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Ports of this instance, kept in its folder so that its addresses stay the same between runs. A kept
 * one that somebody else took meanwhile is replaced by a free one.
 * @param dataDir the instance's folder
 * @param names what the ports are for; what is kept for other names stays
 */
export async function keptPorts<Name extends string>(
  dataDir: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = join(dataDir, 'ports.json');
  const kept = readJson<Record<string, number>>(file) ?? {};
  const chosen: Record<string, number> = {};
  for (const name of names) {
    const port = kept[name];
    const taken = [...Object.values(kept), ...Object.values(chosen)];
    chosen[name] = port !== undefined && (await isFree(port)) ? port : await freePort(taken);
  }
  // Read again: the other service may have chosen its own meanwhile.
  writeJson(file, { ...readJson<Record<string, number>>(file), ...chosen });
  return chosen as Record<Name, number>;
}

/**
 * A port kept in an instance's folder, whoever listens on it now; undefined if there is none.
 * @param dataDir the instance's folder
 */
export function knownPort(dataDir: string, name: string): number | undefined {
  return readJson<Record<string, number>>(join(dataDir, 'ports.json'))?.[name];
}

/**
 * A port of 127.0.0.1 that nobody listens on.
 * @param except ports not to be chosen
 * @throws Error if there is none
 */
export async function freePort(except: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!except.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
}

/** Whether one could listen on this port of 127.0.0.1. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (isCode(error, 'EADDRINUSE') || isCode(error, 'EACCES')) resolve(false);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
