import {
  CYCLE,
  type Day,
  dateOf,
  dayOf,
  greatestCommonDivisor,
  modulo,
  weekdayOf,
} from '../calendar.ts';
import type { ExplicitRule } from '../explicit-rule.ts';
import type { Meter } from '../work.ts';
import { DayFilter } from './day-filter.ts';
import { daysOfMonthlyPeriod } from './month.ts';
import { daysOfYearlyPeriod } from './year.ts';

/** Some days of a rule: ascending, without repeats. */
interface DayBlock {
  readonly days: readonly Day[];
  /** the period to read on from; infinite: there is none */
  readonly next: number;
}

/** The days of a rule of FREQ=DAILY and coarser, by numbered periods: year, month, week or day of DTSTART is 0. */
export interface DaySource {
  /** the period to read first for the days from `day` on */
  periodAt(day: Day): number;
  /**
   * The days of the next period that has any, or none after some empty ones. Of several periods where
   * BYSETPOS does not need them apart.
   * @param most how many days are of use at once, about
   * @param lastDay periods that begin after it are not read
   */
  read(period: number, meter: Meter, most: number, lastDay: Day): DayBlock;
  /** how many days lie in `[from, to)`, where that takes no looking at each */
  count?(from: Day, to: Day): number;
  /** number of periods after which the days repeat, so that one without any says: never */
  readonly cycle: number;
}

/** Periods looked at in one `read`. */
const MOST_TRIES = 64;

/** @param start day of DTSTART */
export function createDaySource(rule: ExplicitRule, start: Day): DaySource {
  switch (rule.frequency) {
    case 'YEARLY':
      return yearly(rule, start);
    case 'MONTHLY':
      return monthly(rule, start);
    case 'WEEKLY':
      return weekly(rule, start);
    default:
      return daily(rule, start);
  }
}

function yearly(rule: ExplicitRule, start: Day): DaySource {
  const { interval } = rule;
  const year = dateOf(start).year;
  // The last week of the year before may reach into the year of DTSTART.
  const first = rule.byWeekNo.length > 0 && interval === 1 ? -1 : 0;
  return byPeriods({
    first,
    // One earlier: weeks and SKIP=FORWARD reach into the next year.
    periodAt: (day) => Math.floor((dateOf(day).year - year) / interval) - 1,
    begins: (period) => dayOf(year + period * interval, 1, 1) - 7,
    days: (period) => daysOfYearlyPeriod(rule, year + period * interval),
    steps: 4,
    cycle: CYCLE.years / greatestCommonDivisor(CYCLE.years, interval),
  });
}

function monthly(rule: ExplicitRule, start: Day): DaySource {
  const { interval } = rule;
  const monthNumber = (day: Day) => dateOf(day).year * 12 + dateOf(day).month - 1;
  const month = monthNumber(start);
  const at = (period: number) => month + period * interval;
  return byPeriods({
    first: 0,
    periodAt: (day) => Math.floor((monthNumber(day) - month) / interval) - 1,
    // SKIP=BACKWARD moves the day -31 of a shorter month to the last day of the month before.
    begins: (period) => dayOf(Math.floor(at(period) / 12), modulo(at(period), 12) + 1, 1) - 1,
    days: (period) =>
      daysOfMonthlyPeriod(rule, Math.floor(at(period) / 12), modulo(at(period), 12) + 1),
    steps: 2,
    cycle: CYCLE.months / greatestCommonDivisor(CYCLE.months, interval),
  });
}

function weekly(rule: ExplicitRule, start: Day): DaySource {
  const { interval, byMonth, byDay, weekStart } = rule;
  const week = start - modulo(weekdayOf(start) - weekStart, 7);
  const offsets = byDay.map(({ weekday }) => modulo(weekday - weekStart, 7)).sort((a, b) => a - b);
  const begins = (period: number) => week + 7 * interval * period;
  return byPeriods({
    first: 0,
    periodAt: (day) => Math.floor((day - week) / (7 * interval)),
    begins,
    days: (period) => {
      const days = offsets.map((offset) => begins(period) + offset);
      return byMonth.length > 0 ? days.filter((day) => byMonth.includes(dateOf(day).month)) : days;
    },
    steps: 1,
    cycle: CYCLE.weeks / greatestCommonDivisor(CYCLE.weeks, interval),
  });
}

interface Periods extends Pick<DaySource, 'periodAt' | 'cycle'> {
  readonly first: number;
  begins(period: number): Day;
  days(period: number): Day[];
  /** of work that one period takes */
  readonly steps: number;
}

function byPeriods({ first, periodAt, begins, days, steps, cycle }: Periods): DaySource {
  return {
    cycle,
    periodAt: (day) => Math.max(first, periodAt(day)),
    read: (from, meter, _most, lastDay) => {
      for (let period = from; period < from + MOST_TRIES; period += 1) {
        meter.steps += steps;
        if (begins(period) > lastDay) {
          return { days: [], next: Number.POSITIVE_INFINITY };
        }
        const found = days(period);
        if (found.length > 0) {
          return { days: found, next: period + 1 };
        }
      }
      return { days: [], next: from + MOST_TRIES };
    },
  };
}

function daily(rule: ExplicitRule, start: Day): DaySource {
  const { interval } = rule;
  const filter = new DayFilter(rule);
  /** the first period that does not lie before a day */
  const notBefore = (day: Day) => Math.max(0, Math.ceil((day - start) / interval));
  const source: DaySource = {
    cycle: CYCLE.days / greatestCommonDivisor(CYCLE.days, interval),
    periodAt: notBefore,
    read: (from, meter, most, lastDay) => {
      const days: Day[] = [];
      let period = from;
      for (let tries = 0; tries < MOST_TRIES && days.length < most; tries += 1) {
        const day = start + period * interval;
        meter.steps += 1;
        if (day > lastDay) {
          return { days, next: Number.POSITIVE_INFINITY };
        }
        if (filter.matches(day)) {
          days.push(day);
          period += 1;
        } else {
          period = notBefore(filter.after(day));
        }
      }
      return { days, next: period };
    },
  };
  return filter.isOpen
    ? { ...source, count: (from, to) => notBefore(Math.max(from, to)) - notBefore(from) }
    : source;
}
