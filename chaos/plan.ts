import { diceOf } from './dice.ts';
import type { Details } from './faults/fault.ts';
import { type FaultKind, faults, type InflictedKind, isInflicted } from './faults/faults.ts';

/** One fault to come, with everything that chance decides about it. */
export interface PlannedFault {
  readonly kind: InflictedKind;
  /** ms of quiet before it */
  readonly after: number;
  readonly details: Details;
}

/** What a round does: two lists, each in its order, both at the same time. */
export interface Plan {
  /** to relays */
  readonly toRelays: readonly PlannedFault[];
  /** to what they work with */
  readonly around: readonly PlannedFault[];
  /** at the end the database is set back to a copy that was taken in mid-round */
  readonly restore: boolean;
}

export interface PlanOptions {
  /** which faults; a kind that is not here does not come */
  readonly kinds: ReadonlySet<FaultKind>;
  /** kills of a relay at a step */
  readonly kills: number;
  /** how often each other kind comes */
  readonly times: number;
}

/**
 * @param seed of the round
 * @returns the same plan for the same seed and options
 */
export function planRound(seed: string, { kinds, kills, times }: PlanOptions): Plan {
  const dice = diceOf(`${seed} plan`);
  const inflicted = [...kinds].filter(isInflicted);
  const list = (where: 'relays' | 'around'): PlannedFault[] => {
    const ofThese = inflicted.filter((kind) => faults[kind].where === where);
    const all = ofThese.flatMap((kind) => repeat(kind, kind === 'kill' ? kills : times));
    return dice.shuffle(all).map((kind) => ({
      kind,
      after: dice.between(100, 600),
      details: faults[kind].draw(dice),
    }));
  };
  return { toRelays: list('relays'), around: list('around'), restore: kinds.has('restore') };
}

function repeat<T>(thing: T, times: number): T[] {
  return Array.from({ length: times }, () => thing);
}
