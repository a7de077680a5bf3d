import { CYCLE, type Day, dateOf, dayOf, daysInMonth, daysInYear, weekdayOf } from '../calendar.ts';
import type { Rule } from '../rule.ts';
import type { Meter } from '../work.ts';

/**
 * Which days a rule of FREQ=DAILY and finer lets through: BYMONTH, BYMONTHDAY, BYYEARDAY and BYDAY, which
 * all limit there. Remembers the month that it looked at last, since days are asked for in order.
 */
export class DayFilter {
  /** whether it lets every day through */
  readonly isOpen: boolean;
  readonly #months: number;
  readonly #weekdays: number;
  readonly #monthDays: ReadonlySet<number> | null;
  readonly #yearDays: ReadonlySet<number> | null;
  #first: Day = 0;
  #last: Day = -1;
  #yearBegins: Day = 0;
  #yearLength = 0;
  #isMonth = false;
  #nextMonth: Day = 0;

  constructor(rule: Pick<Rule, 'byMonth' | 'byMonthDay' | 'byYearDay' | 'byDay'>) {
    const { byMonth, byMonthDay, byYearDay, byDay } = rule;
    const months = byMonth.length > 0 ? byMonth : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    this.#months = bits(months);
    this.#weekdays = bits(
      byDay.length > 0 ? byDay.map((day) => day.weekday) : [0, 1, 2, 3, 4, 5, 6],
    );
    this.#monthDays = byMonthDay.length > 0 ? new Set(byMonthDay) : null;
    this.#yearDays = byYearDay.length > 0 ? new Set(byYearDay) : null;
    this.isOpen =
      this.#months === 0x1ffe && this.#weekdays === 0x7f && !this.#monthDays && !this.#yearDays;
  }

  matches(day: Day): boolean {
    if (day < this.#first || day > this.#last) {
      this.#enter(day);
    }
    return this.#isMonth && this.#matchesInMonth(day);
  }

  /** The first day that might match after one that does not: the next one, or a month begins that may. */
  after(day: Day): Day {
    return !this.#isMonth && day >= this.#first && day <= this.#last ? this.#nextMonth : day + 1;
  }

  /** Whether no day of the whole calendar matches. */
  isNever(meter: Meter): boolean {
    const end = CYCLE.days;
    for (let day = 0; day < end; day = this.after(day)) {
      meter.steps += 1;
      if (this.matches(day)) {
        return false;
      }
    }
    return true;
  }

  #matchesInMonth(day: Day): boolean {
    if (((this.#weekdays >> weekdayOf(day)) & 1) === 0) {
      return false;
    }
    if (this.#monthDays) {
      const dayOfMonth = day - this.#first + 1;
      if (!this.#monthDays.has(dayOfMonth) && !this.#monthDays.has(day - this.#last - 1)) {
        return false;
      }
    }
    if (this.#yearDays) {
      const dayOfYear = day - this.#yearBegins + 1;
      return this.#yearDays.has(dayOfYear) || this.#yearDays.has(dayOfYear - this.#yearLength - 1);
    }
    return true;
  }

  #enter(day: Day): void {
    const { year, month } = dateOf(day);
    this.#first = dayOf(year, month, 1);
    this.#last = this.#first + daysInMonth(year, month) - 1;
    this.#yearBegins = dayOf(year, 1, 1);
    this.#yearLength = daysInYear(year);
    this.#isMonth = this.#hasMonth(month);
    if (!this.#isMonth) {
      let next = month;
      do {
        next += 1;
      } while (!this.#hasMonth(((next - 1) % 12) + 1));
      this.#nextMonth = dayOf(next > 12 ? year + 1 : year, ((next - 1) % 12) + 1, 1);
    }
  }

  #hasMonth(month: number): boolean {
    return ((this.#months >> month) & 1) === 1;
  }
}

function bits(numbers: readonly number[]): number {
  return numbers.reduce((mask, number) => mask | (1 << number), 0);
}
