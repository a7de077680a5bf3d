import { setTimeout as sleep } from 'node:timers/promises';
import { Missed } from './faults/fault.ts';
import { faults } from './faults/faults.ts';
import type { History, Incident, Restoration } from './history.ts';
import type { Plan, PlannedFault } from './plan.ts';
import { restoreAndLook } from './restore.ts';
import { openSite, type Site, type SiteOptions } from './site.ts';
import type { Venue } from './venue.ts';

export interface RoundOptions extends SiteOptions {
  readonly number: number;
  readonly plan: Plan;
}

/** ms: also without faults, callers call so long */
const SHORTEST = 8_000;

/**
 * Callers call, faults happen, then everything may come to rest.
 * @returns what was seen of it from outside
 */
export async function playRound(venue: Venue, options: RoundOptions): Promise<History> {
  const { number, plan, seed } = options;
  const site = await openSite(venue, options);
  try {
    const incidents: Incident[] = [];
    const half = Math.ceil(plan.around.length / 2);
    await Promise.all([
      sleep(SHORTEST),
      inflictAll(site, plan.toRelays, incidents),
      (async () => {
        await inflictAll(site, plan.around.slice(0, half), incidents);
        if (plan.restore) await site.postgres.takeCopy();
        await inflictAll(site, plan.around.slice(half), incidents);
      })(),
    ]);
    const seen = await site.settle();
    const restoration = plan.restore ? await restored(site, incidents) : null;
    return { seed, round: number, ...seen, incidents, deaths: site.deaths(), restoration };
  } finally {
    await site.close();
  }
}

async function inflictAll(
  site: Site,
  planned: readonly PlannedFault[],
  incidents: Incident[],
): Promise<void> {
  for (const { kind, after, details } of planned) {
    await sleep(after);
    const from = Date.now();
    const seen = await inflict(site, { kind, details });
    incidents.push({ kind, from, to: Date.now(), ...seen });
  }
}

async function inflict(
  site: Site,
  { kind, details }: Pick<PlannedFault, 'kind' | 'details'>,
): Promise<Pick<Incident, 'detail' | 'missed'>> {
  try {
    return { detail: await faults[kind].inflict(site, details), missed: null };
  } catch (error) {
    if (!(error instanceof Missed)) throw error;
    return { detail: JSON.stringify(details), missed: error.message };
  }
}

async function restored(site: Site, incidents: Incident[]): Promise<Restoration> {
  const restoration = await restoreAndLook(site);
  const detail = `${restoration.lanes.filter((lane) => lane.movedOn).length} lanes had moved on`;
  incidents.push({ kind: 'restore', from: restoration.at, to: Date.now(), detail, missed: null });
  return restoration;
}
