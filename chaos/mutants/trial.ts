import { playCampaign } from '../campaign.ts';
import { type FaultKind, faultKinds } from '../faults/faults.ts';
import type { Venue } from '../venue.ts';
import { mutantNamed, mutants } from './catalogue.ts';
import type { Mutant } from './mutant.ts';

export interface Trial {
  readonly mutant: Mutant;
  /** the property that it violated first; null: it got away */
  readonly convictedBy: string | null;
}

export interface TrialOptions {
  readonly seed: string;
  /** which; null: all */
  readonly names: readonly string[] | null;
}

/** Rounds until a mutant counts as having got away; more than one only where that must not be. */
const ROUNDS = 4;
/** In each round, of what exposes it; so many kills, and each other kind so many times. */
const DOSE = { kills: 8, times: 3 };

/** Plays rounds with one mistake after another in the scheduler, each until it is convicted. */
export async function tryMutants(venue: Venue, { seed, names }: TrialOptions): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const mutant of names?.map(mutantNamed) ?? mutants) {
    const { name, exposedBy, breaks, maySurvive } = mutant;
    const most = maySurvive === undefined ? ROUNDS : 1;
    venue.say(`mutant ${name}: ${breaks}`);
    const { first } = await playCampaign(venue, {
      ...DOSE,
      seed,
      kinds: new Set<FaultKind>(faultKinds.filter((kind) => exposedBy.includes(kind))),
      mutant: name,
      another: ({ rounds, violations }) => violations === 0 && rounds < most,
    });
    trials.push({ mutant, convictedBy: first?.verdict.violations[0]?.property ?? null });
  }
  return trials;
}
