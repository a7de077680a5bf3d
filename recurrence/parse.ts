import { type ContentLine, readContentLines } from './content-lines.ts';
import { quote, RecurrenceError } from './errors.ts';
import { limits } from './limits.ts';
import { parseRule } from './parse-rule.ts';
import type { AddedDate, Moment, Rule, RuleSet } from './rule.ts';
import { readDate, readDateTime, readPeriod } from './values.ts';
import { finish, Meter, type Work } from './work.ts';

/** steps (see `workLimits`) that reading a date takes */
const STEPS_PER_DATE = 10;

/**
 * Reads a recurrence: RRULE, RDATE and EXDATE lines (RFC 5545 sections 3.3.10, 3.8.5.1 to 3.8.5.3,
 * SKIP of RFC 7529), or an RRULE's value alone. Says nothing of zones and of whether anything matches:
 * that is `check`.
 * @throws RecurrenceError that names the property or part and says what would be right
 */
export function parse(text: string): RuleSet {
  return finish(parseInSlices(text));
}

/** The same with rests, for what may have thousands of dates. */
export function* parseInSlices(text: string, meter = new Meter()): Work<RuleSet> {
  const rules: Rule[] = [];
  const added: AddedDate[] = [];
  const excluded: Moment[] = [];
  for (const line of readContentLines(text)) {
    if (line.name === 'RRULE') {
      refuseParameters(line, []);
      rules.push(parseRule(line.value));
    } else if (line.name === 'RDATE') {
      yield* append(added, line, addedReader(line), meter);
    } else if (line.name === 'EXDATE') {
      yield* append(excluded, line, excludedReader(line), meter);
    } else {
      throw unsupported(line.name);
    }
  }
  if (rules.length > limits.rules) {
    const remedy = `At most ${limits.rules} are taken.`;
    throw new RecurrenceError('too_large', 'RRULE', `is there ${rules.length} times`, remedy);
  }
  if (rules.length + added.length === 0) {
    const remedy = 'Write at least one RRULE or RDATE.';
    throw new RecurrenceError('missing', 'RRULE', 'is missing', remedy);
  }
  return { rules, added, excluded };
}

/** What reads one value of an RDATE line. */
function addedReader(line: ContentLine): (text: string) => AddedDate {
  const timezone = line.parameters.get('TZID') ?? null;
  const type = valueType(line, ['DATE-TIME', 'DATE', 'PERIOD']);
  if (type === 'PERIOD') {
    return (text) => readPeriod(text, line.name, timezone);
  }
  const read = type === 'DATE' ? readDate : readDateTime;
  return (text) => ({ start: read(text, line.name, timezone), period: null });
}

/** What reads one value of an EXDATE line. */
function excludedReader(line: ContentLine): (text: string) => Moment {
  const timezone = line.parameters.get('TZID') ?? null;
  const read = valueType(line, ['DATE-TIME', 'DATE']) === 'DATE' ? readDate : readDateTime;
  return (text) => read(text, line.name, timezone);
}

function valueType(line: ContentLine, types: readonly string[]): string {
  refuseParameters(line, ['VALUE', 'TZID']);
  const type = line.parameters.get('VALUE')?.toUpperCase() ?? 'DATE-TIME';
  if (!types.includes(type)) {
    const remedy = `Write one of ${types.join(', ')}.`;
    throw new RecurrenceError('unsupported', 'VALUE', `is ${quote(type)} in ${line.name}`, remedy);
  }
  return type;
}

function values(line: ContentLine): string[] {
  return line.value.toUpperCase().replace(/;$/, '').split(',');
}

function* append<Item>(
  list: Item[],
  line: ContentLine,
  read: (text: string) => Item,
  meter: Meter,
): Work<void> {
  for (const text of values(line)) {
    list.push(read(text));
    meter.steps += STEPS_PER_DATE;
    if (meter.isDue()) {
      yield;
    }
  }
  // After the line, as SQL does: both name the same of two errors.
  if (list.length > limits.dates) {
    const remedy = `At most ${limits.dates} are taken.`;
    throw new RecurrenceError('too_large', line.name, 'has too many dates', remedy);
  }
}

function refuseParameters({ name, parameters }: ContentLine, known: readonly string[]): void {
  const unknown = [...parameters.keys()].find((parameter) => !known.includes(parameter));
  if (unknown !== undefined) {
    const remedy = known.length > 0 ? `It takes ${known.join(' and ')}.` : 'It takes none.';
    const problem = `is no parameter of ${name}`;
    throw new RecurrenceError('unsupported', unknown.slice(0, 40), problem, remedy);
  }
}

function unsupported(name: string): RecurrenceError {
  const remedies: Readonly<Record<string, string>> = {
    DTSTART: 'The start is the field scheduledAt.',
    DTEND: 'The end is the field endsAt.',
    DURATION: 'The end is the field endsAt.',
    EXRULE: 'It is obsolete (RFC 5545 section 8.3.2): write EXDATE lines.',
  };
  const remedy = remedies[name] ?? 'The properties are RRULE, RDATE and EXDATE.';
  return new RecurrenceError('unsupported', name.slice(0, 40), 'is not taken here', remedy);
}
