import { quote, RecurrenceError } from './errors.ts';
import { isSubDaily, type Rule } from './rule.ts';
import {
  checkCalendar,
  type NumberRange,
  readFrequency,
  readNumbers,
  readPositive,
  readSkip,
  readUntil,
  readWeekdays,
  readWeekStart,
  sortedSet,
} from './rule-parts.ts';

/** Ranges of RFC 5545 3.3.10. A BYMONTH with L (RFC 7529) is no month of this calendar. */
const RANGES = {
  BYSECOND: { from: 0, to: 60, fromEnd: false },
  BYMINUTE: { from: 0, to: 59, fromEnd: false },
  BYHOUR: { from: 0, to: 23, fromEnd: false },
  BYMONTHDAY: { from: 1, to: 31, fromEnd: true },
  BYYEARDAY: { from: 1, to: 366, fromEnd: true },
  BYWEEKNO: { from: 1, to: 53, fromEnd: true },
  BYMONTH: { from: 1, to: 12, fromEnd: false },
  BYSETPOS: { from: 1, to: 366, fromEnd: true },
} as const satisfies Record<string, NumberRange>;

const PARTS: readonly string[] = [
  'FREQ',
  'UNTIL',
  'COUNT',
  'INTERVAL',
  'BYDAY',
  'WKST',
  'RSCALE',
  'SKIP',
  ...Object.keys(RANGES),
];

/**
 * Reads the value of an RRULE (RFC 5545 3.3.10, RFC 7529). A trailing `;` is tolerated.
 * @throws RecurrenceError that names the part
 */
export function parseRule(value: string): Rule {
  const parts = splitParts(value);
  const frequency = parts.get('FREQ');
  if (frequency === undefined) {
    throw new RecurrenceError('missing', 'FREQ', 'is missing', 'Say how often: FREQ=DAILY.');
  }
  const read = <Result>(part: string, reader: (text: string) => Result, absent: Result): Result => {
    const text = parts.get(part);
    return text === undefined ? absent : reader(text);
  };
  const numbers = (part: keyof typeof RANGES) =>
    read(part, (text) => readNumbers(text, part, RANGES[part]), []);

  read('RSCALE', checkCalendar, undefined);
  const rule: Rule = {
    frequency: readFrequency(frequency),
    interval: read('INTERVAL', (text) => readPositive(text, 'INTERVAL'), 1),
    count: read<number | null>('COUNT', (text) => readPositive(text, 'COUNT'), null),
    until: read<Rule['until']>('UNTIL', readUntil, null),
    // A leap second: POSIX clocks and Kafka know none.
    bySecond: sortedSet(numbers('BYSECOND').map((second) => Math.min(second, 59))),
    byMinute: numbers('BYMINUTE'),
    byHour: numbers('BYHOUR'),
    byDay: read('BYDAY', readWeekdays, []),
    byMonthDay: numbers('BYMONTHDAY'),
    byYearDay: numbers('BYYEARDAY'),
    byWeekNo: numbers('BYWEEKNO'),
    byMonth: numbers('BYMONTH'),
    bySetPos: numbers('BYSETPOS'),
    weekStart: read('WKST', readWeekStart, 0),
    skip: read('SKIP', readSkip, 'OMIT'),
  };
  checkCombination(rule, parts);
  return rule;
}

function splitParts(value: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const item of value.toUpperCase().replace(/;$/, '').split(';')) {
    const [name = '', text, ...rest] = item.split('=');
    if (text === undefined || text === '' || name === '' || rest.length > 0) {
      const remedy = 'Write parts as NAME=value, separated by semicolons.';
      throw new RecurrenceError('malformed', name || 'RRULE', `reads ${quote(item)}`, remedy);
    }
    if (!PARTS.includes(name)) {
      const remedy = `The parts are ${PARTS.join(', ')}.`;
      throw new RecurrenceError('unsupported', name.slice(0, 40), 'is no known part', remedy);
    }
    if (parts.has(name)) {
      throw new RecurrenceError('repeated', name, 'is there twice', 'Give it once.');
    }
    parts.set(name, text);
  }
  return parts;
}

/** Parts that RFC 5545 3.3.10 and RFC 7529 section 4.1 do not let stand together. */
function checkCombination(rule: Rule, parts: ReadonlyMap<string, string>): void {
  const { frequency } = rule;
  const isYearly = frequency === 'YEARLY';
  const refuse = (part: string, problem: string, remedy: string): never => {
    throw new RecurrenceError('contradiction', part, problem, remedy);
  };
  if (parts.has('COUNT') && parts.has('UNTIL')) {
    refuse('COUNT', 'stands beside UNTIL', 'Give one of them.');
  }
  if (parts.has('SKIP') && !parts.has('RSCALE')) {
    refuse('SKIP', 'stands without RSCALE', 'Write RSCALE=GREGORIAN, too.');
  }
  if (parts.has('BYWEEKNO') && !isYearly) {
    refuse('BYWEEKNO', `stands in a ${frequency} rule`, 'It is for FREQ=YEARLY.');
  }
  if (parts.has('BYYEARDAY') && !isYearly && !isSubDaily(frequency)) {
    const remedy = 'It is for FREQ=YEARLY, HOURLY, MINUTELY and SECONDLY.';
    refuse('BYYEARDAY', `stands in a ${frequency} rule`, remedy);
  }
  if (parts.has('BYMONTHDAY') && frequency === 'WEEKLY') {
    refuse('BYMONTHDAY', 'stands in a WEEKLY rule', 'It is for every other FREQ.');
  }
  if (rule.byDay.some(({ nth }) => nth !== 0)) {
    if (!isYearly && frequency !== 'MONTHLY') {
      const remedy = 'Numbers are for FREQ=MONTHLY and YEARLY.';
      refuse('BYDAY', `has a number in a ${frequency} rule`, remedy);
    }
    if (parts.has('BYWEEKNO')) {
      refuse('BYDAY', 'has a number beside BYWEEKNO', 'Write weekdays without numbers.');
    }
  }
  if (parts.has('BYSETPOS') && ![...parts.keys()].some(isOtherBy)) {
    refuse('BYSETPOS', 'stands alone', 'It picks from what another BY part gives.');
  }
}

function isOtherBy(part: string): boolean {
  return part.startsWith('BY') && part !== 'BYSETPOS';
}
