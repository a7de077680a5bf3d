import type { RevisedSeries } from '../../recurrence/index.ts';

/** Characters of all recurrences that are kept; the longest alone has a quarter million (`limits.textLength`). */
const GREATEST_SIZE = 4_000_000;
/** What a recurrence of a few characters takes all the same. */
const LEAST_SIZE = 2_000;

interface Kept {
  readonly occurrences: RevisedSeries;
  readonly size: number;
}

/**
 * Keeps the rules of the series that were asked for last: to read ten thousand dates takes a tenth of a
 * second, in which nobody else is served.
 */
export class RuleCache {
  /** the one that was asked for last comes last */
  readonly #kept = new Map<string, Kept>();
  #size = 0;

  /**
   * @param key of rules that are the same whenever it is
   * @param length characters of their recurrences
   */
  get(key: string, length: number, make: () => RevisedSeries): RevisedSeries {
    const found = this.#kept.get(key);
    const kept = found ?? { occurrences: make(), size: Math.max(length, LEAST_SIZE) };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (!found) {
      this.#size += kept.size;
      this.#shrink();
    }
    return kept.occurrences;
  }

  #shrink(): void {
    for (const [key, { size }] of this.#kept) {
      if (this.#size <= GREATEST_SIZE) {
        return;
      }
      this.#kept.delete(key);
      this.#size -= size;
    }
  }
}
