import { join } from 'node:path';
import type { ServiceOptions } from './contract.ts';
import { dockerAnswers } from './docker.ts';
import { readJson, writeJson } from './folders.ts';

type Way = 'docker' | 'native';

/**
 * Obtains something by Docker if an engine answers, else natively. Where an instance keeps data it goes
 * the way it went before, or a Docker engine that comes or goes would put it before other data.
 * @param options `services` overrides the choice
 * @param ways how to obtain it; a first attempt by Docker that fails is followed by the native one
 * @throws Error of the way that was taken, or if the one way left does not work
 */
export async function chooseWay<T>(
  options: ServiceOptions,
  ways: Readonly<Record<Way, () => Promise<T>>>,
): Promise<T> {
  const { say } = options;
  const { way, why } = wanted(options);
  const answers = way !== 'native' && (await dockerAnswers());
  if (way === 'docker' && !answers) {
    throw new Error(`no Docker engine answers, and ${why}: start it, or set SERVICES=native`);
  }
  if (answers) {
    try {
      return await remember(options, 'docker', await ways.docker());
    } catch (error) {
      if (way === 'docker' || options.signal?.aborted) throw error;
      say(`Docker answers but does not do: ${error instanceof Error ? error.message : error}`);
      say('trying without Docker');
    }
  }
  return remember(options, 'native', await ways.native());
}

/** The way that must be taken, if any, and why. */
function wanted(options: ServiceOptions): { way?: Way; why: string } {
  const { services = 'auto' } = options;
  if (services !== 'auto') return { way: services, why: `SERVICES=${services} is set` };
  const before = keepsData(options) ? readJson<{ way: Way }>(file(options))?.way : undefined;
  return { ...(before && { way: before }), why: 'that is where the data of earlier runs are' };
}

function remember<T>(options: ServiceOptions, way: Way, obtained: T): T {
  if (keepsData(options)) writeJson(file(options), { way });
  return obtained;
}

function keepsData({ purpose }: ServiceOptions): boolean {
  return purpose === 'start';
}

function file({ dataDir }: ServiceOptions): string {
  return join(dataDir, 'services.json');
}
