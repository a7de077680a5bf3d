import type { Instant, WallTime } from './calendar.ts';
import { newestBetween } from './newest.ts';
import type { Occurrence } from './occurrence.ts';
import type { Series } from './series.ts';
import { openStretches, type Revision, type Stretch } from './stretches.ts';
import { finish, Meter, type Work } from './work.ts';
import type { Zones } from './zone.ts';

/** Up to where a series is dealt with, inclusive. An occurrence is one. */
export interface Watermark {
  readonly instant: Instant;
  readonly wall: WallTime;
  readonly secondPass: boolean;
  /** number of the revision that it is in */
  readonly revision: number;
}

export interface RevisedOccurrence extends Occurrence {
  /** number of the revision that it is from */
  readonly revision: number;
}

/** Some occurrences in order. */
export interface RevisedPage {
  readonly occurrences: readonly RevisedOccurrence[];
  /** whether these are all of the window */
  readonly complete: boolean;
}

/** Instants up to which occurrences of a revision are dealt with, by what a time zone database moves. */
interface Reach {
  readonly fixed: Instant;
  readonly byWall: Instant;
}

interface Window {
  readonly from: Instant;
  /** exclusive */
  readonly to: Instant;
  readonly limit: number;
  /** null: also what is dealt with */
  readonly watermark: Watermark | null;
}

const NOTHING: Reach = { fixed: Number.NEGATIVE_INFINITY, byWall: Number.NEGATIVE_INFINITY };

/**
 * The occurrences of a series whose rule was changed, maybe: up to each change those of the rule that held
 * then, later ones of the next. Answers are `Work`, as those of `Series`.
 */
export class RevisedSeries {
  /** of the present revision alone, as if it had always held */
  readonly current: Series;
  readonly #stretches: readonly Stretch[];

  /**
   * @param revisions in order, at least one
   * @throws RecurrenceError when a rule cannot be read or a zone is not known
   */
  constructor(
    revisions: readonly Revision[],
    zones: Zones,
    stretches: readonly Stretch[] = finish(openStretches(revisions, zones, new Meter())),
  ) {
    this.#stretches = stretches;
    this.current = (stretches.at(-1) as Stretch).series;
  }

  /** The same with rests, for what may have thousands of dates. */
  static *open(
    revisions: readonly Revision[],
    zones: Zones,
    meter = new Meter(),
  ): Work<RevisedSeries> {
    return new RevisedSeries(revisions, zones, yield* openStretches(revisions, zones, meter));
  }

  /** Whether its occurrences end by COUNT, by UNTIL, or because there are only dates. */
  get isFinite(): boolean {
    return this.current.rules.every(({ count, until }) => count !== null || until !== null);
  }

  /** The occurrences from an instant (inclusive) to another (exclusive), at most `limit`. */
  between(from: Instant, to: Instant, limit: number, meter = new Meter()): Work<RevisedPage> {
    return this.#list({ from, to, limit, watermark: null }, meter);
  }

  /** The occurrences before an instant that are not dealt with yet, at most `limit`. */
  after(
    watermark: Watermark | null,
    to: Instant,
    limit: number,
    meter = new Meter(),
  ): Work<RevisedPage> {
    return this.#list({ from: Number.NEGATIVE_INFINITY, to, limit, watermark }, meter);
  }

  /** The occurrence at an instant. */
  *at(instant: Instant, meter = new Meter()): Work<RevisedOccurrence | null> {
    const [found] = (yield* this.between(instant, instant + 1, 1, meter)).occurrences;
    return found?.instant === instant ? found : null;
  }

  /** The newest occurrence up to an instant (inclusive) that is not dealt with yet. */
  *lastUntil(
    watermark: Watermark | null,
    instant: Instant,
    meter = new Meter(),
  ): Work<RevisedOccurrence | null> {
    for (const stretch of this.#stretches.toReversed()) {
      const from = Math.max(stretch.from, firstAfter(reachOf(watermark, stretch)));
      const to = Math.min(Math.floor(instant) + 1, stretch.to);
      const newest = yield* newestBetween(stretch.series, from, to, meter);
      if (newest) {
        const found = { ...newest, revision: stretch.number };
        if (!this.isDealtWith(found, watermark)) {
          return found;
        }
        // A new time zone database moved the two kinds of dates against each other, by a day at most.
        const window = { from, to, limit: Number.POSITIVE_INFINITY, watermark };
        return (yield* this.#list(window, meter)).occurrences.at(-1) ?? null;
      }
    }
    return null;
  }

  /**
   * The zero-based place of an occurrence among all that its revision has. Null: there is none, or counting
   * would exceed `workLimits.counting` steps.
   */
  *indexOf(
    { instant, revision }: Pick<RevisedOccurrence, 'instant' | 'revision'>,
    meter = new Meter(),
  ): Work<number | null> {
    const stretch = this.#stretches.find(({ number }) => number === revision);
    const place = stretch ? yield* stretch.series.indexOf(instant, meter) : null;
    return place === -1 ? null : place;
  }

  isDealtWith(occurrence: RevisedOccurrence, watermark: Watermark | null): boolean {
    const stretch = this.#stretches.find(({ number }) => number === occurrence.revision);
    return stretch !== undefined && isWithin(occurrence, reachOf(watermark, stretch));
  }

  /** The watermark of everything up to an instant (inclusive, whole seconds). */
  watermarkAt(instant: Instant): Watermark {
    const { number, series } = this.#stretches.find(({ to }) => instant < to) as Stretch;
    return {
      instant,
      wall: series.zone.wallOf(instant),
      secondPass: series.zone.isSecondPass(instant),
      revision: number,
    };
  }

  *#list({ from, to, limit, watermark }: Window, meter: Meter): Work<RevisedPage> {
    const occurrences: RevisedOccurrence[] = [];
    for (const { number, series, ...stretch } of this.#stretches) {
      const reach = reachOf(watermark, { number, series });
      let start = Math.max(from, stretch.from, firstAfter(reach));
      const end = Math.min(to, stretch.to);
      for (let isComplete = start >= end; !isComplete; ) {
        const page = yield* series.between(start, end, limit - occurrences.length, meter);
        for (const occurrence of page.occurrences) {
          if (!isWithin(occurrence, reach)) {
            occurrences.push({ ...occurrence, revision: number });
          }
        }
        isComplete = page.complete;
        if (!isComplete && occurrences.length === limit) {
          return { occurrences, complete: false };
        }
        start = (page.occurrences.at(-1)?.instant ?? start) + 1;
      }
    }
    return { occurrences, complete: true };
  }
}

function reachOf(
  watermark: Watermark | null,
  { number, series }: Pick<Stretch, 'number' | 'series'>,
): Reach {
  if (!watermark || number > watermark.revision) {
    return NOTHING;
  }
  if (number < watermark.revision) {
    return { fixed: Number.POSITIVE_INFINITY, byWall: Number.POSITIVE_INFINITY };
  }
  // Its wall time is what was meant: a new time zone database may give it another instant.
  const pass = watermark.secondPass ? 'last' : 'first';
  const [byWall] = series.zone.resolve(watermark.wall, 'shift', pass) as [Instant];
  return { fixed: watermark.instant, byWall };
}

function isWithin({ fixed, instant }: Occurrence, reach: Reach): boolean {
  return instant <= (fixed ? reach.fixed : reach.byWall);
}

/** Everything before is dealt with. */
function firstAfter({ fixed, byWall }: Reach): Instant {
  return Math.min(fixed, byWall) + 1;
}
