import type { Instant, WallTime } from './calendar.ts';
import { quote, RecurrenceError } from './errors.ts';
import { parseInSlices } from './parse.ts';
import { Series } from './series.ts';
import type { Meter, Work } from './work.ts';
import type { Gap, Overlap, Zones } from './zone.ts';

/** One of the rules that a series had, or has. */
export interface Revision {
  /** grows from each to the next */
  readonly number: number;
  /** DTSTART, wall time in `timezone` */
  readonly start: WallTime;
  readonly timezone: string;
  /** RRULE, RDATE and EXDATE lines */
  readonly recurrence: string;
  readonly gap: Gap;
  /** null: the rule's own default */
  readonly overlap: Overlap | null;
  /** the last instant at which it held, maybe with a fraction; null: it is the present one */
  readonly closedAt: number | null;
}

/** The part of time in which a revision holds. */
export interface Stretch {
  readonly number: number;
  readonly series: Series;
  readonly from: Instant;
  /** exclusive */
  readonly to: Instant;
}

/**
 * Where each of the revisions holds, and its occurrences.
 * @throws RecurrenceError when a rule cannot be read or a zone is not known
 */
export function* openStretches(
  revisions: readonly Revision[],
  zones: Zones,
  meter: Meter,
): Work<Stretch[]> {
  const stretches: Stretch[] = [];
  let from = Number.NEGATIVE_INFINITY;
  for (const revision of revisions) {
    const { number, closedAt } = revision;
    const to = closedAt === null ? Number.POSITIVE_INFINITY : Math.floor(closedAt) + 1;
    stretches.push({ number, series: yield* open(revision, zones, meter), from, to });
    from = to;
  }
  return stretches;
}

function* open(revision: Revision, zones: Zones, meter: Meter): Work<Series> {
  const { start, timezone, recurrence, gap, overlap } = revision;
  const zone = zones.get(timezone);
  if (!zone) {
    const remedy = 'Write UTC or an IANA name like Asia/Tokyo.';
    const problem = `is ${quote(timezone)}, no known time zone`;
    throw new RecurrenceError('unknown_timezone', 'timezone', problem, remedy);
  }
  const ruleSet = yield* parseInSlices(recurrence, meter);
  const options = { ruleSet, start, zone, zones, gap, overlap: overlap ?? undefined };
  return yield* Series.open(options, meter);
}
