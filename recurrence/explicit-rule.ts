import { dateOf, dayOfWall, timeOfWall, type WallTime, weekdayOf } from './calendar.ts';
import { isSubDaily, type NthWeekday, type Rule } from './rule.ts';
import { sortedSet } from './rule-parts.ts';

/** A rule in which every part stands that its start implies, so that the start no longer matters to it. */
export interface ExplicitRule extends Rule {
  /** what the numbers of BYDAY count in */
  readonly nthWeekdayOf: 'month' | 'year';
}

/**
 * Takes what a rule leaves open from its start (RFC 5545 3.3.10: "Information, not contained in the
 * rule …"), as libical, lib-recur and JSCalendar do; rrule.js and python-dateutil differ in the month of a
 * YEARLY rule with BYMONTHDAY and in the weekday of one with BYWEEKNO.
 */
export function makeExplicit(rule: Rule, start: WallTime): ExplicitRule {
  const nthWeekdayOf = rule.frequency === 'MONTHLY' || rule.byMonth.length > 0 ? 'month' : 'year';
  return { ...rule, ...impliedDate(rule, start), ...impliedTime(rule, start), nthWeekdayOf };
}

function impliedDate(rule: Rule, start: WallTime): Pick<Rule, 'byMonth' | 'byMonthDay' | 'byDay'> {
  const { frequency, byMonth, byMonthDay, byYearDay, byWeekNo, byDay } = rule;
  const day = dayOfWall(start);
  const { month, dayOfMonth } = dateOf(day);
  const weekday: NthWeekday[] = [{ weekday: weekdayOf(day), nth: 0 }];
  const hasDay = byDay.length + byMonthDay.length + byYearDay.length > 0;
  if (frequency === 'WEEKLY') {
    return { byMonth, byMonthDay, byDay: hasDay ? byDay : weekday };
  }
  if (frequency === 'YEARLY' && byWeekNo.length > 0) {
    return { byMonth, byMonthDay, byDay: hasDay ? byDay : weekday };
  }
  if (frequency !== 'YEARLY' && frequency !== 'MONTHLY') {
    return { byMonth, byMonthDay, byDay };
  }
  const hasMonth =
    frequency === 'MONTHLY' ||
    byMonth.length + byYearDay.length > 0 ||
    (byDay.length > 0 && byMonthDay.length === 0);
  return {
    byMonth: hasMonth ? byMonth : [month],
    byMonthDay: hasDay ? byMonthDay : [dayOfMonth],
    byDay,
  };
}

function impliedTime(rule: Rule, start: WallTime): Pick<Rule, 'byHour' | 'byMinute' | 'bySecond'> {
  const { frequency, byHour, byMinute, bySecond } = rule;
  const time = timeOfWall(start);
  const orElse = (list: readonly number[], isOpen: boolean, value: number) =>
    list.length === 0 && isOpen ? [Math.floor(value)] : list;
  return {
    byHour: orElse(byHour, !isSubDaily(frequency), time / 3600),
    byMinute: orElse(
      byMinute,
      frequency !== 'MINUTELY' && frequency !== 'SECONDLY',
      (time / 60) % 60,
    ),
    bySecond: orElse(bySecond, frequency !== 'SECONDLY', time % 60),
  };
}

/** Seconds since the beginning of the day (or of the hour, without hours): every combination, in order. */
export function combineTimes(
  hours: readonly number[],
  minutes: readonly number[],
  seconds: readonly number[],
): number[] {
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * 3600 + minute * 60 + second)),
  );
}

/** What BYSETPOS leaves of a set in order; all of it without BYSETPOS. */
export function pickPositions<Item>(set: readonly Item[], positions: readonly number[]): Item[] {
  if (positions.length === 0) {
    return [...set];
  }
  return pickIndexes(set.length, positions).map((index) => set[index] as Item);
}

/** Zero-based places that BYSETPOS picks from a set of `size`, in order; 1 and -1 may be the same. */
export function pickIndexes(size: number, positions: readonly number[]): number[] {
  const indexes = positions.map((position) => (position > 0 ? position - 1 : size + position));
  return sortedSet(indexes.filter((index) => index >= 0 && index < size));
}
