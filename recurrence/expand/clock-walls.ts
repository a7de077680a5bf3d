import {
  type Day,
  dayOfWall,
  greatestCommonDivisor,
  LAST_DAY,
  modulo,
  SECONDS_PER_DAY,
  timeOfWall,
  type WallTime,
} from '../calendar.ts';
import { combineTimes, type ExplicitRule, pickPositions } from '../explicit-rule.ts';
import type { Meter, Work } from '../work.ts';
import { DayFilter } from './day-filter.ts';
import { SparseDays } from './sparse-days.ts';
import { type Units, unitsLetThrough } from './units.ts';
import type { WallCursor, WallSource } from './walls.ts';

/** From one period on so many days it pays to work out which days have any. */
const SPARSE_DAYS = 8;
/** Periods that come once in so many days are soon gone through one by one. */
const FEW_PERIODS = 64;
/** Steps of one `pull`, about. */
const MOST_STEPS = 2_000;

/**
 * The candidates of HOURLY, MINUTELY and SECONDLY rules. A day is divided into units (hours, minutes or
 * seconds), every INTERVAL-th unit since DTSTART is a period. Which of a day's units are periods follows
 * from the day by arithmetic, so that days which no filter lets through cost nothing.
 */
export class ClockWalls implements WallSource {
  /** seconds of a unit */
  readonly #length: number;
  readonly #perDay: number;
  readonly #interval: number;
  /** DTSTART's unit, counted from 1970 */
  readonly #origin: number;
  readonly #days: DayFilter;
  readonly #units: Units;
  /** where most days have no period that is let through */
  readonly #sparse: SparseDays | null;
  /** seconds from the beginning of a unit to its candidates, after BYSETPOS */
  readonly #offsets: readonly number[];
  /** whether no time of any day is a candidate */
  readonly #hasNoTime: boolean;
  /** how many periods a day has, by its first: the same days come again and again */
  readonly #sizes = new Map<number, number>();

  constructor(rule: ExplicitRule, start: WallTime) {
    const { frequency, byMinute, bySecond } = rule;
    this.#length = frequency === 'HOURLY' ? 3600 : frequency === 'MINUTELY' ? 60 : 1;
    this.#perDay = SECONDS_PER_DAY / this.#length;
    this.#interval = rule.interval;
    this.#origin = Math.floor(start / this.#length);
    this.#days = new DayFilter(rule);
    this.#units = unitsLetThrough(rule);
    const { list } = this.#units;
    this.#sparse =
      list &&
      list.length * SPARSE_DAYS < rule.interval &&
      rule.interval < FEW_PERIODS * this.#perDay
        ? new SparseDays(list, this.#perDay, rule.interval, this.#origin)
        : null;
    const minutes = frequency === 'HOURLY' ? byMinute : [0];
    const seconds = frequency === 'SECONDLY' ? [0] : bySecond;
    // Minutes and seconds that expand are never open; a period is a whole set of BYSETPOS.
    this.#offsets = pickPositions(combineTimes([0], minutes, seconds), rule.bySetPos);
    // On every day the periods' units are the same modulo this.
    const step = greatestCommonDivisor(this.#interval, this.#perDay);
    const isMissed = list?.every((unit) => modulo(unit - this.#origin, step) !== 0) ?? false;
    this.#hasNoTime = isMissed || this.#offsets.length === 0;
  }

  from(wall: WallTime, end: WallTime): WallCursor {
    const lastDay = Math.min(LAST_DAY, dayOfWall(end));
    const begins = Math.max(wall, this.#origin * this.#length);
    let day = dayOfWall(begins);
    let unit = Math.floor(timeOfWall(begins) / this.#length);
    let offset = 0;
    const nextDay = () => {
      day = this.#dayAfter(day);
      unit = 0;
    };
    return {
      pull: (most, meter) => {
        if (this.#hasNoTime) {
          return null;
        }
        const walls: WallTime[] = [];
        const limit = meter.steps + MOST_STEPS;
        while (walls.length < most && meter.steps < limit) {
          meter.steps += 1;
          if (day > lastDay) {
            return walls.length > 0 ? walls : null;
          }
          const found = this.#days.matches(day) ? this.#nextPeriod(day, unit, meter) : null;
          if (found === null) {
            nextDay();
            continue;
          }
          offset = found === unit ? offset : 0;
          unit = found;
          const start = day * SECONDS_PER_DAY + unit * this.#length;
          for (; offset < this.#offsets.length && walls.length < most; offset += 1) {
            const candidate = start + (this.#offsets[offset] as number);
            if (candidate >= wall) {
              walls.push(candidate);
            }
          }
          if (offset === this.#offsets.length) {
            unit += 1;
            offset = 0;
          }
        }
        return walls;
      },
    };
  }

  *count(from: WallTime, to: WallTime, meter: Meter): Work<number> {
    const start = Math.max(from, this.#origin * this.#length);
    if (to <= start) {
      return 0;
    }
    const first = Math.floor(start / this.#length);
    const last = Math.floor(to / this.#length);
    const periods = yield* this.#countPeriods(first, last, meter);
    return (
      periods * this.#offsets.length - this.#countBefore(first, start) + this.#countBefore(last, to)
    );
  }

  isNever(meter: Meter): boolean {
    return this.#hasNoTime || this.#days.isNever(meter);
  }

  /** Candidates of one unit that lie before `wall`. */
  #countBefore(unit: number, wall: WallTime): number {
    const day = Math.floor(unit / this.#perDay);
    const place = unit - day * this.#perDay;
    const isPeriod =
      unit >= this.#origin &&
      (unit - this.#origin) % this.#interval === 0 &&
      this.#units.has(place) &&
      this.#days.matches(day);
    const time = wall - unit * this.#length;
    return isPeriod ? this.#offsets.filter((offset) => offset < time).length : 0;
  }

  /** Periods among the units `[from, to)`, counted from 1970. */
  *#countPeriods(from: number, to: number, meter: Meter): Work<number> {
    if (this.#days.isOpen && this.#units.list === null) {
      const before = (unit: number) => Math.ceil((unit - this.#origin) / this.#interval);
      return before(to) - before(from);
    }
    let total = 0;
    const lastDay = Math.floor(to / this.#perDay);
    for (let day = Math.floor(from / this.#perDay); day <= lastDay; day = this.#dayAfter(day)) {
      meter.steps += 1;
      if (this.#days.matches(day)) {
        const start = Math.max(0, from - day * this.#perDay);
        const end = Math.min(this.#perDay, to - day * this.#perDay);
        total += this.#countOfDay(day, start, end, meter);
      }
      if (meter.isDue()) {
        yield;
      }
    }
    return total;
  }

  #countOfDay(day: Day, from: number, to: number, meter: Meter): number {
    const first = this.#firstPeriod(day);
    const isWhole = from === 0 && to === this.#perDay;
    const known = isWhole ? this.#sizes.get(first) : undefined;
    if (known !== undefined) {
      return known;
    }
    const size = this.#units.countSteps(from, to, first, this.#interval, meter);
    if (isWhole) {
      this.#sizes.set(first, size);
    }
    return size;
  }

  /** The first period of a day that is not before `unit` and let through. */
  #nextPeriod(day: Day, unit: number, meter: Meter): number | null {
    return this.#units.nextStep(unit, this.#firstPeriod(day), this.#interval, meter);
  }

  /** A day's first unit that is a period, had the rule begun long ago; beyond the day where it has none. */
  #firstPeriod(day: Day): number {
    return modulo(this.#origin - day * this.#perDay, this.#interval);
  }

  /** The next day that may have periods. */
  #dayAfter(day: Day): Day {
    const next = this.#days.after(day);
    if (this.#sparse) {
      return this.#sparse.notBefore(next);
    }
    return this.#interval > this.#perDay
      ? Math.floor((next * this.#perDay + this.#firstPeriod(next)) / this.#perDay)
      : next;
  }
}
