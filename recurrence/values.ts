import { type Day, dayOf, daysInMonth, SECONDS_PER_DAY } from './calendar.ts';
import { quote, RecurrenceError } from './errors.ts';
import type { AddedDate, Moment, PeriodEnd } from './rule.ts';

/**
 * The values of dates and times (RFC 5545 sections 3.3.4 to 3.3.9), upper case. In each function `part`
 * is the property or rule part that an error names, `timezone` the TZID that holds for times without Z.
 */

/**
 * `20250423T010000` or, in UTC, `20250423T010000Z`. A leap second, 60, reads as 59.
 * @throws RecurrenceError `malformed` or `out_of_range`
 */
export function readDateTime(text: string, part: string, timezone: string | null): Moment {
  const match = /^(\d{8})T(\d\d)(\d\d)(\d\d)(Z?)$/.exec(text);
  if (!match) {
    const remedy =
      part === 'UNTIL'
        ? 'Write it like 20250423, 20250423T010000 or, in UTC, 20250423T010000Z.'
        : 'Write it like 20250423T010000 or, in UTC, 20250423T010000Z; for dates add VALUE=DATE.';
    throw new RecurrenceError('malformed', part, `has ${quote(text)}, no date-time`, remedy);
  }
  const [, date = '', hour, minute, second, utc] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    const remedy = 'Hours go from 00 to 23, minutes and seconds from 00 to 59.';
    throw new RecurrenceError('out_of_range', part, `has the time ${quote(text)}`, remedy);
  }
  const time = Number(hour) * 3600 + Number(minute) * 60 + Math.min(Number(second), 59);
  const seconds = readDay(date, part) * SECONDS_PER_DAY + time;
  return utc ? { type: 'instant', instant: seconds } : { type: 'wall', wall: seconds, timezone };
}

/**
 * `20250423`
 * @throws RecurrenceError `malformed` or `out_of_range`
 */
export function readDate(text: string, part: string, timezone: string | null): Moment {
  if (!/^\d{8}$/.test(text)) {
    const remedy = 'Write dates like 20250423.';
    throw new RecurrenceError('malformed', part, `has ${quote(text)}, no date`, remedy);
  }
  return { type: 'date', day: readDay(text, part), timezone };
}

function readDay(text: string, part: string): Day {
  const [year, month, dayOfMonth] = [text.slice(0, 4), text.slice(4, 6), text.slice(6)].map(
    Number,
  ) as [number, number, number];
  const isDate =
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    dayOfMonth >= 1 &&
    dayOfMonth <= daysInMonth(year, month);
  if (!isDate) {
    const remedy = 'Dates are those of the calendar, from 00010101 to 99991231.';
    throw new RecurrenceError('out_of_range', part, `has the date ${quote(text)}`, remedy);
  }
  return dayOf(year, month, dayOfMonth);
}

/**
 * `start/end` or `start/duration`
 * @throws RecurrenceError `malformed`, `out_of_range` or `contradiction`
 */
export function readPeriod(text: string, part: string, timezone: string | null): AddedDate {
  const [start = '', end, ...rest] = text.split('/');
  if (end === undefined || rest.length > 0) {
    const remedy = 'Write periods like 20250423T010000Z/20250423T020000Z or 20250423T010000Z/PT1H.';
    throw new RecurrenceError('malformed', part, `has ${quote(text)}, no period`, remedy);
  }
  const period: PeriodEnd = /^[+-]?P/.test(end)
    ? readDuration(end, part)
    : { type: 'until', end: readDateTime(end, part, timezone) };
  return { start: readDateTime(start, part, timezone), period };
}

function readDuration(text: string, part: string): PeriodEnd {
  const match =
    /^\+?P(?:(\d{1,6})W|(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?)$/.exec(
      text,
    );
  const [weeks, days, hours, minutes, seconds] = (match ?? []).slice(1).map((n) => Number(n ?? 0));
  const nominal = (weeks ?? 0) * 7 + (days ?? 0);
  const exact = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
  if (nominal + exact === 0) {
    const remedy = 'Write positive durations like PT30M, P1DT12H or P2W.';
    throw new RecurrenceError('malformed', part, `has ${quote(text)}, no duration`, remedy);
  }
  return { type: 'duration', days: nominal, seconds: exact };
}
