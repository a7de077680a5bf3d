import type { Instant, WallTime } from './calendar.ts';
import { countRuleBefore } from './counting.ts';
import { Exclusion, readAdded } from './dates.ts';
import { workLimits } from './limits.ts';
import { listAfter, Merge } from './merge.ts';
import type { Occurrence } from './occurrence.ts';
import type { RuleSet } from './rule.ts';
import { type RuleContext, RuleSeries } from './rule-series.ts';
import { finish, Meter, type Work } from './work.ts';
import type { Gap, Overlap, Zone, Zones } from './zone.ts';

export interface SeriesOptions {
  readonly ruleSet: RuleSet;
  /** DTSTART, wall time in `zone` */
  readonly start: WallTime;
  readonly zone: Zone;
  /** for TZID parameters */
  readonly zones: Zones;
  /** default `shift` */
  readonly gap?: Gap | undefined;
  /** default `first`, for HOURLY and finer rules `both` */
  readonly overlap?: Overlap | undefined;
}

/** What RDATE and EXDATE say. */
interface Dates {
  readonly added: readonly Occurrence[];
  readonly exclusion: Exclusion;
}

/** Some occurrences in order. */
export interface Page {
  readonly occurrences: readonly Occurrence[];
  /** whether these are all of the window */
  readonly complete: boolean;
}

/**
 * The occurrences of a recurrence that begins at a wall time in a zone: the union of its rules and added
 * dates, less the excluded ones. Every answer is `Work`, which rests after a few milliseconds: see
 * `finishInSlices`; its steps are counted by the meter that is given. Only `check` says whether the first one is found in bounded work.
 */
export class Series {
  readonly rules: readonly RuleSeries[];
  readonly start: WallTime;
  readonly zone: Zone;
  readonly #added: readonly Occurrence[];
  readonly #exclusion: Exclusion;

  /** @throws RecurrenceError for TZIDs that are not known and periods that end before they begin */
  constructor(options: SeriesOptions, dates: Dates = finish(readDates(options, new Meter()))) {
    this.start = options.start;
    this.zone = options.zone;
    this.rules = options.ruleSet.rules.map((rule) => new RuleSeries(rule, contextOf(options)));
    this.#added = dates.added;
    this.#exclusion = dates.exclusion;
  }

  /** The same with rests, for what may have thousands of dates. */
  static *open(options: SeriesOptions, meter = new Meter()): Work<Series> {
    return new Series(options, yield* readDates(options, meter));
  }

  /**
   * The first occurrence after an instant (exclusive, seconds), null: there is none.
   * `Number.NEGATIVE_INFINITY`: the very first.
   */
  *next(after: Instant, meter = new Meter()): Work<Occurrence | null> {
    const merge = yield* this.#open(after, meter);
    return (yield* merge.next(meter)) ?? null;
  }

  /** The first occurrence; undefined when `limit` steps were not enough to tell. */
  *first(limit: number, meter: Meter): Work<Occurrence | null | undefined> {
    const merge = yield* this.#open(Number.NEGATIVE_INFINITY, meter);
    return yield* merge.next(meter, limit);
  }

  /**
   * The occurrences from an instant (inclusive) to another (exclusive; infinity: no end), at most `limit`.
   */
  *between(from: Instant, to: Instant, limit: number, meter = new Meter()): Work<Page> {
    // Occurrences have whole seconds.
    const merge = yield* this.#open(Math.ceil(from) - 1, meter, { end: to });
    const occurrences: Occurrence[] = [];
    for (;;) {
      const occurrence = yield* merge.next(meter);
      if (!occurrence || occurrence.instant >= to) {
        return { occurrences, complete: true };
      }
      if (occurrences.length === limit) {
        return { occurrences, complete: false };
      }
      occurrences.push(occurrence);
    }
  }

  /**
   * The zero-based place of an occurrence. -1: there is no occurrence at that instant. Null: counting would
   * exceed `workLimits.counting` steps.
   */
  *indexOf(instant: Instant, meter = new Meter()): Work<number | null> {
    const [here] = (yield* this.between(instant, instant + 1, 1, meter)).occurrences;
    return here?.instant === instant ? yield* this.countBefore(instant, meter) : -1;
  }

  /** How many occurrences lie before an instant (exclusive); null: counting would exceed the work limit. */
  *countBefore(instant: Instant, meter = new Meter()): Work<number | null> {
    const [rule, ...others] = this.rules;
    if (others.length > 0 || this.#exclusion.days.length > 0) {
      return yield* this.#walkBefore(instant, meter);
    }
    const ofRule = rule ? yield* countRuleBefore(rule, instant, meter) : 0;
    if (ofRule === null) {
      return null;
    }
    const isOfRule = (at: Instant) => (rule ? rule.has(at, meter) : no());
    let total = ofRule;
    const added = new Set<Instant>();
    for (const { instant: at } of this.#added) {
      added.add(at);
      if (at < instant && !(yield* isOfRule(at))) {
        total += 1;
      }
      if (meter.isDue()) {
        yield;
      }
    }
    for (const at of this.#exclusion.instants) {
      if (at < instant && (added.has(at) || (yield* isOfRule(at)))) {
        total -= 1;
      }
      if (meter.isDue()) {
        yield;
      }
    }
    return total;
  }

  /** Whether DTSTART is an instance before EXDATE, as RFC 5545 3.8.5.3 wants it to be. */
  *startMatches(meter: Meter): Work<boolean> {
    const instants = new Set<Instant>();
    for (const overlap of ['first', 'last'] as const) {
      for (const instant of this.zone.resolve(this.start, 'shift', overlap)) {
        instants.add(instant);
      }
    }
    const merge = yield* this.#open(Math.min(...instants) - 1, meter, {
      exclusion: null,
      end: Math.max(...instants) + 1,
    });
    const first = yield* merge.next(meter);
    return first?.wall === this.start || instants.has(first?.instant ?? Number.NaN);
  }

  /** @param end what comes from then on is not wanted */
  *#open(
    after: Instant,
    meter: Meter,
    { exclusion = this.#exclusion, end }: { exclusion?: Exclusion | null; end?: Instant } = {},
  ): Work<Merge> {
    const sources = [];
    for (const rule of this.rules) {
      sources.push(yield* rule.after(after, meter, end));
    }
    if (this.#added.length > 0) {
      sources.push(listAfter(this.#added, after));
    }
    return new Merge(sources, exclusion);
  }

  *#walkBefore(instant: Instant, meter: Meter): Work<number | null> {
    const limit = meter.steps + workLimits.counting;
    const merge = yield* this.#open(Number.NEGATIVE_INFINITY, meter, { end: instant });
    for (let count = 0; ; count += 1) {
      const occurrence = yield* merge.next(meter, limit);
      if (occurrence === undefined) {
        return null;
      }
      if (occurrence === null || occurrence.instant >= instant) {
        return count;
      }
    }
  }
}

function contextOf({ start, zone, gap = 'shift', overlap }: SeriesOptions): RuleContext {
  return { start, zone, gap, overlap: overlap ?? null };
}

function* readDates(options: SeriesOptions, meter: Meter): Work<Dates> {
  const { ruleSet, zones } = options;
  const context = contextOf(options);
  const added = yield* readAdded(ruleSet, context, zones, meter);
  const exclusion = yield* Exclusion.read(ruleSet, context, zones, meter);
  return { added, exclusion };
}

// biome-ignore lint/correctness/useYield: work that is done at once
function* no(): Work<boolean> {
  return false;
}
