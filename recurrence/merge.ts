import type { Instant } from './calendar.ts';
import type { Exclusion } from './dates.ts';
import type { Occurrence } from './occurrence.ts';
import { searchFirst } from './search.ts';
import type { Meter, Work } from './work.ts';

/** Something that gives occurrences in order, some at a time; null: no more. */
interface Source {
  pull(meter: Meter): readonly Occurrence[] | null;
}

interface Lane {
  readonly source: Source;
  found: readonly Occurrence[];
  place: number;
}

/** The union of rules and added dates in order, each instant once, without what is excluded. */
export class Merge {
  #lanes: Lane[];
  readonly #exclusion: Exclusion | null;
  #last: Instant = Number.NEGATIVE_INFINITY;

  /** @param exclusion null: nothing is */
  constructor(sources: readonly Source[], exclusion: Exclusion | null) {
    this.#lanes = sources.map((source) => ({ source, found: [], place: 0 }));
    this.#exclusion = exclusion;
  }

  /**
   * The next occurrence, null: there are no more. Gives up with undefined once the meter shows `limit`
   * steps.
   */
  *next(meter: Meter, limit = Number.POSITIVE_INFINITY): Work<Occurrence | null | undefined> {
    for (;;) {
      let earliest: Lane | null = null;
      for (const lane of this.#lanes) {
        while (lane.place >= lane.found.length) {
          if (meter.steps > limit) {
            return undefined;
          }
          if (meter.isDue()) {
            yield;
          }
          const found = lane.source.pull(meter);
          if (found === null) {
            this.#lanes = this.#lanes.filter((other) => other !== lane);
            break;
          }
          lane.found = found;
          lane.place = 0;
        }
        const first = lane.found[lane.place];
        if (first && (!earliest || first.instant < instantOf(earliest))) {
          earliest = lane;
        }
      }
      if (!earliest) {
        return null;
      }
      const occurrence = earliest.found[earliest.place] as Occurrence;
      earliest.place += 1;
      meter.steps += 3 + this.#lanes.length;
      if (occurrence.instant > this.#last && !this.#exclusion?.has(occurrence.instant)) {
        this.#last = occurrence.instant;
        return occurrence;
      }
    }
  }
}

function instantOf(lane: Lane): Instant {
  return (lane.found[lane.place] as Occurrence).instant;
}

/** Added dates after an instant as a source. */
export function listAfter(added: readonly Occurrence[], after: Instant): Source {
  const start = searchFirst(added.length, (index) => (added[index] as Occurrence).instant <= after);
  let rest: readonly Occurrence[] | null = added.slice(start);
  return {
    pull: () => {
      const found = rest;
      rest = null;
      return found;
    },
  };
}
