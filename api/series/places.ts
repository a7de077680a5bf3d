import { setImmediate } from 'node:timers/promises';
import {
  Meter,
  type RevisedOccurrence,
  type RevisedSeries,
  type Work,
} from '../../recurrence/index.ts';

/**
 * How much work the places of one answer may take, in rests of a few milliseconds each
 * (`workLimits.slice`); what is left then has none.
 */
const MOST_RESTS = 200;

/** Tells the places of instances in their rules' sets, some of them with work that it bounds. */
export class Places {
  readonly #occurrences: RevisedSeries;
  readonly #known = new Map<number, number | null>();
  readonly #meter: Meter;
  #rests = 0;

  /** @param meter of all the work for one answer, so that many small pieces of it rest, too */
  constructor(occurrences: RevisedSeries, meter = new Meter()) {
    this.#occurrences = occurrences;
    this.#meter = meter;
  }

  /** Counts consecutive occurrences, which is little more work than for the first of them. */
  async count(run: readonly RevisedOccurrence[]): Promise<void> {
    let revision: number | null = null;
    let place: number | null = null;
    for (const occurrence of run) {
      if (occurrence.revision !== revision) {
        revision = occurrence.revision;
        place = await this.of(occurrence);
      } else if (place !== null) {
        place += 1;
      }
      this.#known.set(occurrence.instant, place);
    }
  }

  /** The zero-based place of an occurrence, null: counting would take too long. */
  async of(occurrence: RevisedOccurrence): Promise<number | null> {
    const known = this.#known.get(occurrence.instant);
    if (known !== undefined) {
      return known;
    }
    const place = await this.#finish(this.#occurrences.indexOf(occurrence, this.#meter));
    this.#known.set(occurrence.instant, place);
    return place;
  }

  async #finish(work: Work<number | null>): Promise<number | null> {
    let turn = work.next();
    while (!turn.done) {
      this.#rests += 1;
      if (this.#rests > MOST_RESTS) {
        return null;
      }
      await setImmediate();
      turn = work.next();
    }
    return turn.value;
  }
}
