import { type Instant, SECONDS_PER_DAY, type WallTime } from './calendar.ts';
import { workLimits } from './limits.ts';
import { RuleCursor } from './rule-cursor.ts';
import type { RuleSeries } from './rule-series.ts';
import type { Meter, Work } from './work.ts';
import type { Transition } from './zone.ts';

/**
 * How many instances of a rule lie before an instant. Between clock changes wall times and instants
 * correspond one to one, so that counting wall times, which is arithmetic, does; around a change they are
 * set against each other.
 * @returns null where that exceeds `workLimits.counting`
 */
export function* countRuleBefore(
  series: RuleSeries,
  instant: Instant,
  meter: Meter,
): Work<number | null> {
  const end = Math.min(instant, (series.until?.instant ?? Number.POSITIVE_INFINITY) + 1);
  const tally = new Tally(series, end, meter);
  const begins = series.start - 2 * SECONDS_PER_DAY;
  const changes = yield* series.zone.transitions(begins, end + 2 * SECONDS_PER_DAY, meter);
  for (const change of changes) {
    const region = disturbedBy(change);
    if (end <= region.from - change.before) {
      break;
    }
    yield* tally.straight(region.from);
    if (end < region.to - change.after) {
      yield* tally.walk(region.to);
      return tally.result();
    }
    yield* tally.disturbed(change, region);
    if (tally.isDone()) {
      return tally.result();
    }
  }
  yield* tally.straight(end + series.zone.offsetAt(end - 1));
  return tally.result();
}

interface Region {
  readonly from: WallTime;
  /** exclusive */
  readonly to: WallTime;
}

/** The wall times whose instants a change disturbs: beside it, order and number stay as they are. */
function disturbedBy({ at, before, after }: Transition): Region {
  return after > before
    ? // A skipped time may be shifted onto one that exists.
      { from: at + before, to: at + after + (after - before) }
    : { from: at + after, to: at + before };
}

/** Goes forward through the wall times of a rule and counts what they give. */
class Tally {
  readonly #series: RuleSeries;
  readonly #end: Instant;
  readonly #meter: Meter;
  readonly #limit: number;
  #wall: WallTime;
  #instances = 0;
  #used = 0;

  constructor(series: RuleSeries, end: Instant, meter: Meter) {
    this.#series = series;
    this.#end = end;
    this.#meter = meter;
    this.#limit = meter.steps + workLimits.counting;
    this.#wall = series.start;
  }

  /** Takes the wall times up to `to`: each is an instance. */
  *straight(to: WallTime): Work<void> {
    if (to <= this.#wall || this.isDone()) {
      return;
    }
    const found = yield* this.#series.walls.count(this.#wall, to, this.#meter);
    this.#advance(to, Math.min(found, this.#left), found);
  }

  /** Takes the wall times that a change disturbs, all of whose instants lie before the end. */
  *disturbed(change: Transition, { to }: Region): Work<void> {
    if (to <= this.#wall || this.isDone()) {
      return;
    }
    const { walls, gap, overlap } = this.#series;
    const found = yield* walls.count(this.#wall, to, this.#meter);
    if (found >= this.#left) {
      yield* this.walk(to);
    } else if (change.after < change.before) {
      this.#advance(to, overlap === 'both' ? 2 * found : found, found);
    } else if (gap === 'skip') {
      const exists = Math.max(this.#wall, change.at + change.after);
      const left = yield* walls.count(exists, to, this.#meter);
      this.#advance(to, left, left);
    } else {
      this.#advance(to, found - (yield* this.#countCoinciding(change, to)), found);
    }
  }

  /** Takes the wall times up to `to` one by one. */
  *walk(to: WallTime): Work<void> {
    if (to <= this.#wall || this.isDone()) {
      return;
    }
    let instances = 0;
    const cursor = new RuleCursor(this.#series, this.#wall, BEGINNING, this.#used, to);
    for (let found = cursor.pull(this.#meter); found; found = cursor.pull(this.#meter)) {
      instances += found.filter(({ instant }) => instant < this.#end).length;
      if (this.#meter.isDue()) {
        yield;
      }
    }
    this.#advance(to, instances, cursor.used - this.#used);
  }

  /** Whether nothing more is to be counted: COUNT is used up, or too much was done. */
  isDone(): boolean {
    return this.#left <= 0 || this.#meter.steps > this.#limit;
  }

  result(): number | null {
    return this.#meter.steps > this.#limit ? null : this.#instances;
  }

  get #left(): number {
    return (this.#series.count ?? Number.POSITIVE_INFINITY) - this.#used;
  }

  #advance(to: WallTime, instances: number, used: number): void {
    this.#wall = to;
    this.#instances += instances;
    this.#used += used;
  }

  /** Skipped wall times that, shifted, are others of the rule. */
  *#countCoinciding({ at, before, after }: Transition, to: WallTime): Work<number> {
    const skipped = yield* this.#list(this.#wall, at + after);
    if (skipped.length === 0) {
      return 0;
    }
    const existing = new Set(yield* this.#list(at + after, to));
    return skipped.filter((wall) => existing.has(wall + after - before)).length;
  }

  *#list(from: WallTime, to: WallTime): Work<WallTime[]> {
    const listed: WallTime[] = [];
    const cursor = this.#series.walls.from(from, to);
    for (;;) {
      const walls = cursor.pull(MOST_LISTED, this.#meter);
      listed.push(...(walls ?? []).filter((wall) => wall < to));
      if (walls === null || (walls.at(-1) ?? from) >= to) {
        return listed;
      }
      if (this.#meter.isDue()) {
        yield;
      }
    }
  }
}

/** After it comes every instant. */
const BEGINNING: Instant = Number.NEGATIVE_INFINITY;
const MOST_LISTED = 256;
