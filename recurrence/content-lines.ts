import { quote, RecurrenceError } from './errors.ts';
import { limits } from './limits.ts';

/** A content line (RFC 5545 section 3.1), names in upper case. */
export interface ContentLine {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
}

/**
 * Splits a recurrence into its lines: unfolded, empty ones left out. A line that begins with a rule part
 * (`FREQ=…`) is an RRULE without its name.
 * @throws RecurrenceError `too_large`, `malformed` or `repeated`
 */
export function readContentLines(text: string): ContentLine[] {
  if (text.length > limits.textLength) {
    const remedy = `At most ${limits.textLength} characters are taken.`;
    throw new RecurrenceError('too_large', 'recurrence', `has ${text.length} characters`, remedy);
  }
  return text
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map(readContentLine);
}

function readContentLine(line: string): ContentLine {
  if (/[^\x20-\x7e]/.test(line)) {
    const remedy = 'Only printable ASCII has a meaning here; lines end with \\n or \\r\\n.';
    throw new RecurrenceError('malformed', 'recurrence', `has ${quote(line)}`, remedy);
  }
  const [name = ''] = /^[A-Za-z0-9-]*/.exec(line) ?? [];
  const delimiter = line[name.length];
  if (name !== '' && delimiter === '=') {
    return { name: 'RRULE', parameters: new Map(), value: line };
  }
  if (name === '' || (delimiter !== ':' && delimiter !== ';')) {
    const remedy = 'A line is written NAME:value or NAME;PARAMETER=value:value.';
    throw new RecurrenceError('malformed', 'recurrence', `has the line ${quote(line)}`, remedy);
  }
  return readParameters(name.toUpperCase(), line, name.length);
}

/** @param start where the first `;` or the `:` is */
function readParameters(name: string, line: string, start: number): ContentLine {
  const parameters = new Map<string, string>();
  const parameter = /;([A-Za-z0-9-]+)=(?:"([^"]*)"|([^";:,]*))(?=[;:])/y;
  let position = start;
  while (line[position] !== ':') {
    parameter.lastIndex = position;
    const match = parameter.exec(line);
    if (!match) {
      const remedy = 'Parameters are written ;NAME=value, and a colon comes before the value.';
      const problem = `has parameters that cannot be read in ${quote(line)}`;
      throw new RecurrenceError('malformed', name, problem, remedy);
    }
    const key = (match[1] as string).toUpperCase();
    if (parameters.has(key)) {
      throw new RecurrenceError('repeated', key, `is there twice in ${name}`, 'Give it once.');
    }
    parameters.set(key, match[2] ?? match[3] ?? '');
    position = parameter.lastIndex;
  }
  return { name, parameters, value: line.slice(position + 1) };
}
