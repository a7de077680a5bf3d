import type { Day, Instant, WallTime } from './calendar.ts';

export type Frequency =
  | 'YEARLY'
  | 'MONTHLY'
  | 'WEEKLY'
  | 'DAILY'
  | 'HOURLY'
  | 'MINUTELY'
  | 'SECONDLY';

/** What becomes of dates that do not exist, like 31 April (RFC 7529 section 4.1). */
export type Skip = 'OMIT' | 'BACKWARD' | 'FORWARD';

/** One value of BYDAY. */
export interface NthWeekday {
  /** 0 is Monday */
  readonly weekday: number;
  /** 2 the second, -1 the last of the month or year; 0: every one */
  readonly nth: number;
}

/** A date or date-time as it was written; which instant it is, only a zone tells. */
export type Moment =
  | { readonly type: 'instant'; readonly instant: Instant }
  /** wall time in the zone `timezone`, null: the event's */
  | { readonly type: 'wall'; readonly wall: WallTime; readonly timezone: string | null }
  | { readonly type: 'date'; readonly day: Day; readonly timezone: string | null };

/** The length of an instance of its own (RFC 5545 3.3.9). */
export type PeriodEnd =
  | { readonly type: 'until'; readonly end: Moment }
  /** days are nominal (23 to 25 hours), seconds exact (RFC 5545 3.3.6) */
  | { readonly type: 'duration'; readonly days: number; readonly seconds: number };

/** An instance that RDATE adds. */
export interface AddedDate {
  readonly start: Moment;
  /** of VALUE=PERIOD; null: as long as every other */
  readonly period: PeriodEnd | null;
}

/** One RRULE as it was written. Lists are sorted and without repeats; an absent part is empty. */
export interface Rule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly count: number | null;
  /** inclusive */
  readonly until: Moment | null;
  /** 0 to 59: 60 was read as 59 */
  readonly bySecond: readonly number[];
  readonly byMinute: readonly number[];
  readonly byHour: readonly number[];
  readonly byDay: readonly NthWeekday[];
  readonly byMonthDay: readonly number[];
  readonly byYearDay: readonly number[];
  readonly byWeekNo: readonly number[];
  readonly byMonth: readonly number[];
  readonly bySetPos: readonly number[];
  /** 0 is Monday */
  readonly weekStart: number;
  readonly skip: Skip;
}

/** A recurrence as it was written: the union of the rules and added dates, less the excluded ones. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly added: readonly AddedDate[];
  readonly excluded: readonly Moment[];
}

/** Whether a frequency steps in less than days. */
export function isSubDaily(frequency: Frequency): boolean {
  return frequency === 'HOURLY' || frequency === 'MINUTELY' || frequency === 'SECONDLY';
}
