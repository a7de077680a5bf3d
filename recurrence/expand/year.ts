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
import { sortedSet } from '../rule-parts.ts';
import { daysInOneMonth, isWeekdayOf, numberedDays, weekdaysBetween } from './month.ts';

/**
 * The days of one year of a FREQ=YEARLY rule. Where several BY parts could expand the year, the most
 * special one does (weeks, days of the year, days of months, weekdays) and the others limit: a day stands in
 * the set when all of them name it.
 */
export function daysOfYearlyPeriod(rule: ExplicitRule, year: number): Day[] {
  if (rule.byWeekNo.length > 0) {
    return sortedSet(daysOfWeeks(rule, year).filter((day) => isLetThrough(rule, day)));
  }
  if (rule.byYearDay.length > 0) {
    const days = numberedDays(rule.byYearDay, dayOf(year, 1, 1), daysInYear(year), rule.skip);
    return sortedSet(days.filter((day) => isLetThrough({ ...rule, byYearDay: [] }, day)));
  }
  if (rule.byMonth.length === 0 && rule.byMonthDay.length === 0) {
    const first = dayOf(year, 1, 1);
    return sortedSet(weekdaysBetween(rule.byDay, first, first + daysInYear(year) - 1));
  }
  return sortedSet(rule.byMonth.flatMap((month) => daysInOneMonth(rule, year, month)));
}

/** All days of the weeks that BYWEEKNO names. A year's first and last weeks reach into its neighbours. */
function daysOfWeeks({ byWeekNo, weekStart }: ExplicitRule, year: number): Day[] {
  const first = firstWeek(year, weekStart);
  const weeks = (firstWeek(year + 1, weekStart) - first) / 7;
  return byWeekNo
    .map((number) => (number > 0 ? number - 1 : weeks + number))
    .filter((week) => week >= 0 && week < weeks)
    .flatMap((week) => [0, 1, 2, 3, 4, 5, 6].map((offset) => first + week * 7 + offset));
}

/** The day on which week 1 begins: it has at least four days in its year (RFC 5545 3.3.10). */
function firstWeek(year: number, weekStart: number): Day {
  const fourth = dayOf(year, 1, 4);
  return fourth - modulo(weekdayOf(fourth) - weekStart, 7);
}

function isLetThrough(
  { byMonth, byYearDay, byMonthDay, byDay, nthWeekdayOf }: ExplicitRule,
  day: Day,
): boolean {
  const { year, month, dayOfMonth } = dateOf(day);
  if (byMonth.length > 0 && !byMonth.includes(month)) {
    return false;
  }
  const dayOfYear = day - dayOf(year, 1, 1) + 1;
  return (
    names(byYearDay, dayOfYear, daysInYear(year)) &&
    names(byMonthDay, dayOfMonth, daysInMonth(year, month)) &&
    (byDay.length === 0 || isWeekdayOf(byDay, day, nthWeekdayOf))
  );
}

/** Whether a list is empty or has a number, counted from the beginning or the end. */
function names(list: readonly number[], number: number, length: number): boolean {
  return list.length === 0 || list.includes(number) || list.includes(number - length - 1);
}
