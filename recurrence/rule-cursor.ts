import { type Instant, isTellable, SECONDS_PER_DAY, type WallTime } from './calendar.ts';
import type { WallCursor } from './expand/walls.ts';
import { workLimits } from './limits.ts';
import type { Occurrence } from './occurrence.ts';
import { isWithin, type RuleSeries } from './rule-series.ts';
import type { Meter } from './work.ts';

/** Candidates asked for at once: few at first, since most callers want one instance. */
const FIRST_PULL = 2;
const GREATEST_PULL = 256;

/** Walks through the instances of a rule in the order of their instants. */
export class RuleCursor {
  readonly #series: RuleSeries;
  readonly #walls: WallCursor;
  readonly #after: Instant;
  #used: number;
  #last: Instant = Number.NEGATIVE_INFINITY;
  #isAtEnd = false;
  #pull = FIRST_PULL;
  /** found, but an earlier instant may still come: clock changes disturb the order */
  readonly #pending: Occurrence[] = [];
  readonly #end: WallTime;

  /**
   * @param wall nothing before it is looked at
   * @param after instances up to this instant are passed over
   * @param used how much of COUNT was used before `wall`
   * @param end wall times from this on are not looked at
   */
  constructor(
    series: RuleSeries,
    wall: WallTime,
    after: Instant,
    used: number,
    end: WallTime = Number.POSITIVE_INFINITY,
  ) {
    this.#series = series;
    this.#walls = series.walls.from(wall, end);
    this.#after = after;
    this.#used = used;
    this.#end = end;
    this.#isAtEnd = this.#left <= 0;
  }

  /** How much of COUNT is used. */
  get used(): number {
    return this.#used;
  }

  /** How many more wall times COUNT lets be. */
  get #left(): number {
    return (this.#series.count ?? Number.POSITIVE_INFINITY) - this.#used;
  }

  /** The next instances; may be empty, so that a call never takes long: ask again. Null: there are no more. */
  pull(meter: Meter): Occurrence[] | null {
    const ready: Occurrence[] = [];
    if (this.#isAtEnd) {
      this.#release(Number.POSITIVE_INFINITY, ready);
      return ready.length > 0 ? ready : null;
    }
    const walls = this.#walls.pull(Math.min(this.#pull, this.#left), meter);
    this.#pull = Math.min(this.#pull * 4, GREATEST_PULL);
    if (walls === null) {
      this.#isAtEnd = true;
      return this.pull(meter);
    }
    const { zone } = this.#series;
    const lookups = zone.lookups;
    for (const wall of walls) {
      this.#isAtEnd = wall >= this.#end;
      if (!this.#isAtEnd) {
        this.#take(wall, ready);
      }
      if (this.#isAtEnd) {
        break;
      }
    }
    meter.steps += (zone.lookups - lookups) * workLimits.lookup;
    return ready;
  }

  #take(wall: WallTime, ready: Occurrence[]): void {
    const { zone, gap, overlap, until } = this.#series;
    const before = zone.offsetAt(wall - SECONDS_PER_DAY);
    const after = zone.offsetAt(wall + SECONDS_PER_DAY);
    if (before === after) {
      this.#used += 1;
      this.#add(wall - before, wall, false);
    } else {
      const instants = zone.resolveNear(wall, before, after, gap, overlap);
      // A wall time that is left out does not count (RFC 5545 3.3.10); a doubled one counts once.
      this.#used += instants.length > 0 ? 1 : 0;
      for (const instant of instants) {
        const secondPass = instant !== wall - before && zone.isSecondPass(instant);
        this.#add(instant, wall, secondPass);
      }
    }
    // Whatever comes later lies at or after this.
    const safe = wall - Math.max(before, after);
    this.#release(safe, ready);
    this.#isAtEnd = this.#left <= 0 || (until !== null && safe > until.instant);
  }

  #add(instant: Instant, wall: WallTime, secondPass: boolean): void {
    let place = this.#pending.length;
    while (place > 0 && (this.#pending[place - 1] as Occurrence).instant > instant) {
      place -= 1;
    }
    this.#pending.splice(place, 0, { instant, wall, secondPass, fixed: false, length: null });
  }

  #release(safe: Instant, ready: Occurrence[]): void {
    const { until, zone } = this.#series;
    let released = 0;
    for (; released < this.#pending.length; released += 1) {
      const occurrence = this.#pending[released] as Occurrence;
      if (occurrence.instant > safe) {
        break;
      }
      // Shifting may make two instances one (Apia, 31 December 2011).
      if (occurrence.instant > this.#last) {
        this.#last = occurrence.instant;
        if (
          occurrence.instant > this.#after &&
          isTellable(occurrence.instant) &&
          (!until || isWithin(occurrence.instant, until, zone))
        ) {
          ready.push(occurrence);
        }
      }
    }
    this.#pending.splice(0, released);
  }
}
