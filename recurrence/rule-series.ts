import { dayOfWall, type Instant, SECONDS_PER_DAY, type WallTime } from './calendar.ts';
import { ClockWalls } from './expand/clock-walls.ts';
import { DayWalls } from './expand/day-walls.ts';
import type { WallSource } from './expand/walls.ts';
import { makeExplicit } from './explicit-rule.ts';
import { isSubDaily, type Moment, type Rule } from './rule.ts';
import { RuleCursor } from './rule-cursor.ts';
import type { Meter, Work } from './work.ts';
import type { Gap, Overlap, Zone } from './zone.ts';

/** What a rule needs to know besides itself. */
export interface RuleContext {
  /** wall time of DTSTART */
  readonly start: WallTime;
  readonly zone: Zone;
  readonly gap: Gap;
  /** null: the rule's own default */
  readonly overlap: Overlap | null;
}

/** The last instant of a rule. */
export interface Limit {
  /** inclusive */
  readonly instant: Instant;
  /** inclusive, on the wall; of an UNTIL that is a DATE */
  readonly day: number | null;
}

/** One RRULE from one start in one zone: its instances, in order and without repeats. */
export class RuleSeries {
  readonly walls: WallSource;
  readonly zone: Zone;
  readonly gap: Gap;
  readonly overlap: Overlap;
  readonly start: WallTime;
  readonly count: number | null;
  readonly until: Limit | null;
  /** how many wall times were counted from the start to one; later counts go on from here */
  #counted: { readonly wall: WallTime; readonly count: number };

  constructor(rule: Rule, { start, zone, gap, overlap }: RuleContext) {
    const explicit = makeExplicit(rule, start);
    const isClock = isSubDaily(rule.frequency);
    this.walls = isClock
      ? new ClockWalls(explicit, start)
      : new DayWalls(explicit, dayOfWall(start));
    this.start = start;
    this.zone = zone;
    this.gap = gap;
    // Else a minutely series would fall silent for an hour each autumn.
    this.overlap = overlap ?? (isClock ? 'both' : 'first');
    this.count = rule.count;
    this.until = rule.until && readLimit(rule.until, zone);
    this.#counted = { wall: start, count: 0 };
  }

  /** A cursor at the first instance after an instant; some before `end` may be its last. */
  *after(instant: Instant, meter: Meter, end = Number.POSITIVE_INFINITY): Work<RuleCursor> {
    const wall = this.#firstWallAfter(instant);
    const used = this.count === null ? 0 : yield* this.countWalls(wall, meter);
    const last = Math.min(end, this.until?.instant ?? end);
    // No zone is more than a day ahead of UTC.
    return new RuleCursor(this, wall, instant, used, last + 2 * SECONDS_PER_DAY);
  }

  /** Whether there is an instance at an instant. Cheapest when asked in order. */
  *has(instant: Instant, meter: Meter): Work<boolean> {
    if (this.until !== null && !isWithin(instant, this.until, this.zone)) {
      return false;
    }
    // What the clock shows then, and what a gap may have shifted there.
    const walls = [this.zone.wallOf(instant)];
    const shifted = instant + this.zone.offsetAt(instant - SECONDS_PER_DAY);
    if (shifted !== walls[0]) {
      walls.push(shifted);
    }
    for (const wall of walls) {
      const isInstant = this.zone.resolve(wall, this.gap, this.overlap).includes(instant);
      if (wall >= this.start && isInstant && (yield* this.walls.count(wall, wall + 1, meter)) > 0) {
        if (this.count === null || (yield* this.countWalls(wall, meter)) < this.count) {
          return true;
        }
      }
    }
    return false;
  }

  /** How many wall times of the rule that COUNT counts lie before `wall`. */
  *countWalls(wall: WallTime, meter: Meter): Work<number> {
    if (wall <= this.start) {
      return 0;
    }
    if (wall < this.#counted.wall) {
      this.#counted = { wall: this.start, count: 0 };
    }
    const from = this.#counted;
    const all = yield* this.walls.count(from.wall, wall, meter);
    const skipped = this.gap === 'skip' ? yield* this.#countSkipped(from.wall, wall, meter) : 0;
    this.#counted = { wall, count: from.count + all - skipped };
    return this.#counted.count;
  }

  /** Wall times of the rule in `[from, to)` that do not exist and are left out. */
  *#countSkipped(from: WallTime, to: WallTime, meter: Meter): Work<number> {
    let total = 0;
    const begins = from - 2 * SECONDS_PER_DAY;
    const changes = yield* this.zone.transitions(begins, to + 2 * SECONDS_PER_DAY, meter);
    for (const { at, before, after } of changes) {
      const [start, end] = [Math.max(from, at + before), Math.min(to, at + after)];
      if (start < end) {
        total += yield* this.walls.count(start, end, meter);
      }
    }
    return total;
  }

  /** No wall time before this gives an instant after `instant`, whatever the clock does around it. */
  #firstWallAfter(instant: Instant): WallTime {
    if (instant === Number.NEGATIVE_INFINITY) {
      return this.start;
    }
    const before = this.zone.offsetAt(instant - 2 * SECONDS_PER_DAY);
    const after = this.zone.offsetAt(instant + 2 * SECONDS_PER_DAY);
    // A change disturbs as much time before and after it as it skips or repeats.
    const size = Math.abs(after - before);
    const west =
      size === 0
        ? before
        : Math.min(...[-size, 0, size].map((shift) => this.zone.offsetAt(instant + shift)));
    return Math.max(this.start, Math.floor(instant) + west + 1);
  }
}

export function isWithin(instant: Instant, limit: Limit, zone: Zone): boolean {
  return (
    instant <= limit.instant && (limit.day === null || dayOfWall(zone.wallOf(instant)) <= limit.day)
  );
}

/** UNTIL is inclusive: the later one of a doubled wall time, or the end of the day. */
function readLimit(until: Moment, zone: Zone): Limit {
  switch (until.type) {
    case 'instant':
      return { instant: until.instant, day: null };
    case 'wall':
      return { instant: lastInstant(until.wall, zone), day: null };
    case 'date':
      return { instant: lastInstant((until.day + 1) * SECONDS_PER_DAY, zone) - 1, day: until.day };
  }
}

function lastInstant(wall: WallTime, zone: Zone): Instant {
  return Math.max(...zone.resolve(wall, 'shift', 'last'));
}
