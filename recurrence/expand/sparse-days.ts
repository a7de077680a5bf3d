import { type Day, greatestCommonDivisor, LAST_DAY, modulo } from '../calendar.ts';
import { sortedSet } from '../rule-parts.ts';
import { searchFirst } from '../search.ts';

/**
 * The days on which a period falls on a unit that is let through, for rules in which that is rare: of
 * `SECONDLY;INTERVAL=86399;BYHOUR=9;BYMINUTE=0;BYSECOND=0` one day in 236 years. A unit `u` of a day `d` is a
 * period when d·perDay + u ≡ origin (mod interval): one congruence in `d` for each unit.
 */
export class SparseDays {
  /** after so many days it comes again */
  readonly #cycle: number;
  /** days modulo the cycle, ascending */
  readonly #residues: readonly number[];

  /**
   * @param units let through, of a day
   * @param origin a unit that is a period, counted from 1970
   */
  constructor(units: readonly number[], perDay: number, interval: number, origin: number) {
    const divisor = greatestCommonDivisor(interval, perDay);
    const cycle = interval / divisor;
    const inverse = inverseOf((perDay / divisor) % cycle, cycle);
    this.#cycle = cycle;
    this.#residues = sortedSet(
      units
        .filter((unit) => modulo(origin - unit, divisor) === 0)
        .map((unit) => multiply(modulo((origin - unit) / divisor, cycle), inverse, cycle)),
    );
  }

  /** The first such day that is not before `day`; beyond the calendar where there is none. */
  notBefore(day: Day): Day {
    const residue = modulo(day, this.#cycle);
    const round = day - residue;
    const residues = this.#residues;
    const place = searchFirst(residues.length, (index) => (residues[index] as number) < residue);
    const next = residues[place];
    if (next !== undefined) {
      return round + next;
    }
    const [first] = this.#residues;
    return first === undefined ? LAST_DAY + 1 : round + this.#cycle + first;
  }
}

/** The inverse of a number modulo another without common divisor (extended Euclid). */
function inverseOf(value: number, modulus: number): number {
  let [rest, next] = [modulus, value];
  let [factor, nextFactor] = [0, 1];
  while (next !== 0) {
    const quotient = Math.floor(rest / next);
    [rest, next] = [next, rest - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return modulo(factor, modulus);
}

/** a·b modulo a number below 2³¹, in halves of b so that every product is exact. */
function multiply(a: number, b: number, modulus: number): number {
  const high = Math.floor(b / 65_536);
  const low = b % 65_536;
  return (((a * high) % modulus) * 65_536 + a * low) % modulus;
}
