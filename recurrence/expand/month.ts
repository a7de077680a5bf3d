import {
  type Day,
  dateOf,
  dayOf,
  daysInMonth,
  daysInYear,
  modulo,
  weekdayOf,
} from '../calendar.ts';
import type { ExplicitRule } from '../explicit-rule.ts';
import type { NthWeekday, Skip } from '../rule.ts';
import { sortedSet } from '../rule-parts.ts';

/** The days of one month of a FREQ=MONTHLY rule. */
export function daysOfMonthlyPeriod(rule: ExplicitRule, year: number, month: number): Day[] {
  if (rule.byMonth.length > 0 && !rule.byMonth.includes(month)) {
    return [];
  }
  return sortedSet(daysInOneMonth(rule, year, month));
}

/** The days that BYMONTHDAY and BYDAY give in a month, in any order: the first expands, the second then limits. */
export function daysInOneMonth(
  { byMonthDay, byDay, skip, nthWeekdayOf }: ExplicitRule,
  year: number,
  month: number,
): Day[] {
  const first = dayOf(year, month, 1);
  const length = daysInMonth(year, month);
  if (byMonthDay.length === 0) {
    return weekdaysBetween(byDay, first, first + length - 1);
  }
  const days = numberedDays(byMonthDay, first, length, skip);
  return byDay.length === 0 ? days : days.filter((day) => isWeekdayOf(byDay, day, nthWeekdayOf));
}

/**
 * The days with these numbers in a month or year that begins at `first`. Numbers that it has not are dates
 * that do not exist: left out, or moved to the day before or after (RFC 7529 section 4.1).
 */
export function numberedDays(
  numbers: readonly number[],
  first: Day,
  length: number,
  skip: Skip,
): Day[] {
  const days: Day[] = [];
  for (const number of numbers) {
    const day = number > 0 ? first + number - 1 : first + length + number;
    if (day >= first && day < first + length) {
      days.push(day);
    } else if (skip !== 'OMIT') {
      const following = number > 0 ? first + length : first;
      days.push(skip === 'FORWARD' ? following : following - 1);
    }
  }
  return days;
}

/** The weekdays of a stretch of days: all of a weekday, or its nth from the beginning or the end. */
export function weekdaysBetween(byDay: readonly NthWeekday[], first: Day, last: Day): Day[] {
  const days: Day[] = [];
  for (const { weekday, nth } of byDay) {
    const earliest = first + modulo(weekday - weekdayOf(first), 7);
    const latest = last - modulo(weekdayOf(last) - weekday, 7);
    if (nth === 0) {
      for (let day = earliest; day <= latest; day += 7) {
        days.push(day);
      }
    } else {
      const day = nth > 0 ? earliest + (nth - 1) * 7 : latest + (nth + 1) * 7;
      if (day >= first && day <= last) {
        days.push(day);
      }
    }
  }
  return days;
}

/** Whether BYDAY lets a day through, its numbers counted in the month or year of that day. */
export function isWeekdayOf(
  byDay: readonly NthWeekday[],
  day: Day,
  scope: 'month' | 'year',
): boolean {
  const weekday = weekdayOf(day);
  return byDay.some((one) => {
    if (one.weekday !== weekday || one.nth === 0) {
      return one.weekday === weekday;
    }
    const { year, month } = dateOf(day);
    const first = scope === 'month' ? dayOf(year, month, 1) : dayOf(year, 1, 1);
    const length = scope === 'month' ? daysInMonth(year, month) : daysInYear(year);
    return weekdaysBetween([one], first, first + length - 1).includes(day);
  });
}
