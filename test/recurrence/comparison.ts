import {
  check,
  finish,
  RecurrenceError,
  type RecurrenceErrorCode,
} from '../../recurrence/index.ts';
import type { Question } from './random-rules.ts';
import { instantsBetween, secondsOf, seriesOf } from './text.ts';

/** At most so many instants are compared, before a time at which all zone databases still agree. */
export const LIMIT = 25;
export const HORIZON = '20250101T000000Z';

/** Instants, or null: it could not say. */
export type Answer = readonly string[] | null;

export type Implementation = 'dateutil' | 'libRecur';

/** What we say; of what is refused because a rule has no instance, or none that is found soon, what would be left. */
export function ourAnswer({ start, timezone, rule, added, excluded }: Question): string[] {
  const lines = [`RRULE:${rule}`];
  if (added.length > 0) {
    lines.push(`RDATE:${added.join(',')}`);
  }
  if (excluded.length > 0) {
    lines.push(`EXDATE:${excluded.join(',')}`);
  }
  const series = seriesOf({ start, timezone, recurrence: lines.join('\n') });
  try {
    finish(check(series));
  } catch (error) {
    if (!(error instanceof RecurrenceError && REFUSED.includes(error.code))) {
      throw error;
    }
  }
  return instantsBetween(series, Number.NEGATIVE_INFINITY, secondsOf(HORIZON), LIMIT);
}

const REFUSED: readonly RecurrenceErrorCode[] = ['no_instances', 'too_sparse'];

interface Difference {
  readonly implementation: Implementation;
  readonly why: string;
  applies(rule: ReadonlyMap<string, string>, question: Question): boolean;
}

/**
 * Where other implementations are known to read RFC 5545 otherwise, by the rule and not by what they
 * answered. All else must be equal.
 */
const differences: readonly Difference[] = [
  {
    implementation: 'dateutil',
    why: 'YEARLY with BYMONTHDAY alone: every month, not that of DTSTART',
    applies: (rule) =>
      rule.get('FREQ') === 'YEARLY' &&
      rule.has('BYMONTHDAY') &&
      !rule.has('BYMONTH') &&
      !rule.has('BYWEEKNO') &&
      !rule.has('BYYEARDAY'),
  },
  {
    implementation: 'dateutil',
    why: 'BYWEEKNO without a day: all seven days, not the weekday of DTSTART',
    applies: (rule) =>
      rule.has('BYWEEKNO') &&
      !rule.has('BYDAY') &&
      !rule.has('BYMONTHDAY') &&
      !rule.has('BYYEARDAY'),
  },
  {
    implementation: 'dateutil',
    why: 'BYWEEKNO by calendar years: a week that reaches into the next year is cut in two',
    applies: (rule) =>
      rule.has('BYWEEKNO') && (Number(rule.get('INTERVAL') ?? 1) > 1 || rule.has('BYSETPOS')),
  },
  {
    implementation: 'dateutil',
    why: 'BYDAY=MO,2TU: both must hold, instead of either',
    applies: (rule) => {
      const days = rule.get('BYDAY')?.split(',') ?? [];
      return days.some((day) => /\d/.test(day)) && days.some((day) => !/\d/.test(day));
    },
  },
  {
    implementation: 'dateutil',
    why: 'WEEKLY with BYSETPOS: the first week begins at DTSTART, instead of WKST',
    applies: (rule) => rule.get('FREQ') === 'WEEKLY' && rule.has('BYSETPOS'),
  },
  {
    implementation: 'libRecur',
    why: 'BYSETPOS: in the first period it counts from DTSTART, instead of from its beginning',
    applies: (rule) => rule.has('BYSETPOS'),
  },
  {
    implementation: 'libRecur',
    why: 'BYWEEKNO beside BYMONTH: of a week in two months it answers days that BYDAY does not name',
    applies: (rule) => rule.has('BYWEEKNO') && rule.has('BYMONTH'),
  },
  {
    implementation: 'libRecur',
    why: 'BYWEEKNO=53: in years of 52 weeks it means the first week of the next',
    applies: (rule) => /53/.test(rule.get('BYWEEKNO') ?? ''),
  },
  {
    implementation: 'libRecur',
    why: 'RSCALE: the weeks of BYWEEKNO begin on Monday, whatever WKST says',
    applies: (rule) => rule.has('RSCALE') && rule.has('BYWEEKNO') && rule.has('WKST'),
  },
  {
    implementation: 'libRecur',
    why: 'SKIP moves 31 April but not -31 April; libical moves both (RFC 7529 section 4.1)',
    applies: (rule) => rule.has('SKIP') && /-/.test(rule.get('BYMONTHDAY') ?? ''),
  },
  {
    implementation: 'libRecur',
    why: 'negative BYYEARDAY as a filter: one day off outside leap years',
    applies: (rule) => rule.get('FREQ') !== 'YEARLY' && /-/.test(rule.get('BYYEARDAY') ?? ''),
  },
];

/** Why an implementation may answer otherwise; undefined: it may not. */
export function reasonToDiffer(
  implementation: Implementation,
  question: Question,
): string | undefined {
  const parts = question.rule.split(';').map((part) => part.split('=') as [string, string]);
  const rule = new Map(parts);
  return differences.find(
    (one) => one.implementation === implementation && one.applies(rule, question),
  )?.why;
}
