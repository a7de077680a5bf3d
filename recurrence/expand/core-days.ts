// rrule's ES module cannot be loaded by Node (no "type": "module"), so that this is its CommonJS one.
import rruleModule from 'rrule';
import {
  type Day,
  dayOf,
  greatestCommonDivisor,
  modulo,
  SECONDS_PER_DAY,
  weekdayOf,
} from '../calendar.ts';
import type { ExplicitRule } from '../explicit-rule.ts';
import type { DaySource } from './period-days.ts';

const { RRule } = rruleModule;

const MS_PER_DAY = SECONDS_PER_DAY * 1000;
/** rrule takes the years 0 to 99 for 1900 to 1999, and steps through each month of a long interval. */
const EARLIEST_START = dayOf(1900, 1, 1);
const LONGEST_INTERVAL = 400;
/** Periods asked for at once. */
const MOST_PERIODS = 32;

/**
 * Whether the days of a rule are rrule's to find: DAILY and WEEKLY, by weekdays at most. There it is
 * right, and fast enough when it begins near where the days are wanted; and since every few periods have a
 * day, it never runs on to the year 9999 for nothing, which nothing could stop.
 *
 * The rest is ours, because rrule 2.8.1 is wrong (MINUTELY and SECONDLY with filters, BYSETPOS,
 * `BYDAY=MO,2TU`, BYWEEKNO: issues 373, 400, 600), may run without end (filters by months and days: 438,
 * 468, 653), or works out a whole year for every month and year (10,000 instances of a MONTHLY or YEARLY rule
 * would take twice as long as they may). Counting is ours, too: rrule counts by walking.
 */
export function isCore(rule: ExplicitRule, start: Day): boolean {
  const { frequency, interval, byMonth, byMonthDay, byDay, bySetPos } = rule;
  const isDense =
    frequency === 'WEEKLY' ||
    (frequency === 'DAILY' && (byDay.length === 0 || greatestCommonDivisor(interval, 7) === 1));
  return (
    isDense &&
    interval <= LONGEST_INTERVAL &&
    start >= EARLIEST_START &&
    byMonth.length + byMonthDay.length + bySetPos.length === 0
  );
}

/**
 * The days of a rule for which `isCore` holds. rrule is given UTC midnights only, one piece of the rule at
 * a time, and no zone, COUNT, UNTIL or time of day.
 * @param own the same days, for all but reading
 */
export function createCoreDaySource(rule: ExplicitRule, start: Day, own: DaySource): DaySource {
  const isWeekly = rule.frequency === 'WEEKLY';
  const length = rule.interval * (isWeekly ? 7 : 1);
  const first = isWeekly ? start - modulo(weekdayOf(start) - rule.weekStart, 7) : start;
  return {
    ...own,
    read: (period, meter, most, lastDay) => {
      if (first + period * length > lastDay) {
        return { days: [], next: Number.POSITIVE_INFINITY };
      }
      const periods = Math.min(most, MOST_PERIODS);
      const end = (first + (period + periods) * length) * MS_PER_DAY;
      const days: Day[] = [];
      const piece = {
        freq: isWeekly ? RRule.WEEKLY : RRule.DAILY,
        interval: rule.interval,
        dtstart: new Date((first + period * length) * MS_PER_DAY),
        byweekday: rule.byDay.length > 0 ? rule.byDay.map(({ weekday }) => weekday) : null,
        wkst: rule.weekStart,
        byhour: 0,
        byminute: 0,
        bysecond: 0,
      };
      new RRule(piece, true).all((date) => {
        const isInside = date.getTime() < end;
        if (isInside) {
          days.push(date.getTime() / MS_PER_DAY);
        }
        return isInside;
      });
      // rrule takes a hundred times the time of one of our steps.
      meter.steps += 100 + 20 * days.length;
      return { days, next: period + periods };
    },
  };
}
