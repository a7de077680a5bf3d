import type { Instant } from './calendar.ts';
import { RecurrenceError } from './errors.ts';
import { workLimits } from './limits.ts';
import type { Series } from './series.ts';
import { Meter, type Work } from './work.ts';

/** What a caller should know of a recurrence that is taken. */
export type Warning =
  /** the rules do not match DTSTART, so that it is no occurrence */
  | { readonly code: 'start_not_matching' }
  /** `count` occurrences lie before now; null: too many to count */
  | { readonly code: 'past_occurrences'; readonly count: number | null };

/**
 * Refuses what has no occurrence at all, or none that is found in bounded work (`workLimits.first`).
 * @param now where past occurrences end, seconds; absent: they are not counted
 * @returns warnings
 * @throws RecurrenceError `no_instances` or `too_sparse`
 */
export function* check(series: Series, now?: Instant, meter = new Meter()): Work<Warning[]> {
  for (const rule of series.rules) {
    if (rule.walls.isNever(meter)) {
      throw noInstances('RRULE', 'matches no time at all');
    }
  }
  const first = yield* series.first(meter.steps + workLimits.first, meter);
  if (first === undefined) {
    const remedy = 'Write a rule that matches more often.';
    throw new RecurrenceError('too_sparse', 'RRULE', 'matches too seldom, if ever', remedy);
  }
  if (first === null) {
    throw noInstances('recurrence', 'has no occurrence before the year 10000');
  }
  const warnings: Warning[] = [];
  if (series.rules.length > 0 && !(yield* series.startMatches(meter))) {
    warnings.push({ code: 'start_not_matching' });
  }
  if (now !== undefined && first.instant < now) {
    warnings.push({ code: 'past_occurrences', count: yield* series.countBefore(now, meter) });
  }
  return warnings;
}

function noInstances(part: string, problem: string): RecurrenceError {
  const remedy = 'Write one that has an occurrence, after UNTIL, COUNT and EXDATE.';
  return new RecurrenceError('no_instances', part, problem, remedy);
}
