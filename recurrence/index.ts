/**
 * Recurrences of RFC 5545 (3.3.10, 3.8.5.1 to 3.8.5.3, with errata 1913, 3883 and 4414) in a time zone.
 * Pure: no clock, no database; the only state is in `Zones`, `Zone` and `Series`, which remember what
 * they worked out.
 *
 *     const ruleSet = parse('RRULE:FREQ=DAILY;COUNT=10');          // text, or RecurrenceError
 *     const series = new Series({ ruleSet, start, zone, zones });   // its occurrences
 *     const warnings = await finishInSlices(check(series, now));    // refused, or taken with warnings
 *     const next = await finishInSlices(series.next(now));
 *
 * Instants are whole seconds since 1970-01-01T00:00:00Z, wall times whole seconds since
 * 1970-01-01T00:00:00 on the clock of a zone. Answers are `Work`, so that none holds the event loop for
 * long.
 */
export {
  dayOf,
  daysInMonth,
  formatInstant,
  type Instant,
  isTellable,
  SECONDS_PER_DAY,
  type WallTime,
} from './calendar.ts';
export { check, type Warning } from './check.ts';
export { RecurrenceError, type RecurrenceErrorCode } from './errors.ts';
export { limits, workLimits } from './limits.ts';
export type { Occurrence } from './occurrence.ts';
export { parse, parseInSlices } from './parse.ts';
export {
  type RevisedOccurrence,
  type RevisedPage,
  RevisedSeries,
  type Watermark,
} from './revised-series.ts';
export type { RuleSet } from './rule.ts';
export { type Page, Series, type SeriesOptions } from './series.ts';
export type { Revision } from './stretches.ts';
export { finish, finishInSlices, Meter, type Work } from './work.ts';
export { type Gap, type Overlap, type Transition, Zone, Zones } from './zone.ts';
