import { quote, RecurrenceError } from './errors.ts';
import { limits } from './limits.ts';
import type { Frequency, Moment, NthWeekday, Skip } from './rule.ts';
import { readDate, readDateTime } from './values.ts';

/** How the value of each rule part is read (RFC 5545 3.3.10). Each takes upper case text and its part's name. */

const FREQUENCIES: readonly string[] = [
  'YEARLY',
  'MONTHLY',
  'WEEKLY',
  'DAILY',
  'HOURLY',
  'MINUTELY',
  'SECONDLY',
] satisfies Frequency[];
const SKIPS: readonly string[] = ['OMIT', 'BACKWARD', 'FORWARD'] satisfies Skip[];
const WEEKDAYS: readonly string[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

export function readFrequency(text: string): Frequency {
  return oneOf(FREQUENCIES, text, 'FREQ') as Frequency;
}

export function readSkip(text: string): Skip {
  return oneOf(SKIPS, text, 'SKIP') as Skip;
}

/** 0 is Monday. */
export function readWeekStart(text: string): number {
  return WEEKDAYS.indexOf(oneOf(WEEKDAYS, text, 'WKST'));
}

/** @throws RecurrenceError `unsupported` for calendars other than the Gregorian (RFC 7529) */
export function checkCalendar(text: string): void {
  if (text !== 'GREGORIAN') {
    const remedy = 'The only calendar is GREGORIAN.';
    throw new RecurrenceError('unsupported', 'RSCALE', `is ${quote(text)}`, remedy);
  }
}

export function readUntil(text: string): Moment {
  return /^\d{8}$/.test(text) ? readDate(text, 'UNTIL', null) : readDateTime(text, 'UNTIL', null);
}

/** A positive whole number, for INTERVAL and COUNT. */
export function readPositive(text: string, part: 'INTERVAL' | 'COUNT'): number {
  const greatest = part === 'INTERVAL' ? limits.interval : limits.count;
  const value = /^\d{1,20}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > greatest) {
    const remedy = `Write a whole number from 1 to ${greatest}.`;
    throw new RecurrenceError('out_of_range', part, `is ${quote(text)}`, remedy);
  }
  return value;
}

/** What the numbers of a list may be. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
  /** -1 is the last, 0 has no meaning */
  readonly fromEnd: boolean;
}

/** A list of numbers, sorted and without repeats. */
export function readNumbers(text: string, part: string, range: NumberRange): number[] {
  return sortedSet(text.split(',').map((item) => readNumber(item, part, range)));
}

function readNumber(text: string, part: string, { from, to, fromEnd }: NumberRange): number {
  const value = (fromEnd ? /^[+-]?\d{1,3}$/ : /^\d{1,3}$/).test(text) ? Number(text) : Number.NaN;
  const size = fromEnd ? Math.abs(value) : value;
  if (!(size >= from && size <= to)) {
    const also = fromEnd ? ` or from -${to} to -${from}` : '';
    const remedy = `Write whole numbers from ${from} to ${to}${also}, separated by commas.`;
    throw new RecurrenceError('out_of_range', part, `has ${quote(text)}`, remedy);
  }
  return value;
}

/** BYDAY. */
export function readWeekdays(text: string): NthWeekday[] {
  const days = new Map(
    text.split(',').map((item) => {
      const day = readWeekday(item);
      return [day.nth * 7 + day.weekday, day];
    }),
  );
  return [...days].sort(([a], [b]) => a - b).map(([, day]) => day);
}

function readWeekday(text: string): NthWeekday {
  const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(text);
  const nth = match?.[1] === undefined ? null : Number(match[1]);
  if (!match || nth === 0 || Math.abs(nth ?? 0) > 53) {
    const remedy =
      'Write MO, TU, WE, TH, FR, SA, SU, or with a number, 1 to 53 or -53 to -1: 2MO, -1FR.';
    throw new RecurrenceError('out_of_range', 'BYDAY', `has ${quote(text)}`, remedy);
  }
  return { weekday: WEEKDAYS.indexOf(match[2] as string), nth: nth ?? 0 };
}

function oneOf(words: readonly string[], text: string, part: string): string {
  if (!words.includes(text)) {
    const remedy = `Write one of ${words.join(', ')}.`;
    throw new RecurrenceError('out_of_range', part, `is ${quote(text)}`, remedy);
  }
  return text;
}

export function sortedSet(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
