import type { EventVersion, History } from '../history.ts';
import { recurrenceOf, seriesOfInstance } from '../series.ts';
import type { Totals } from '../totals.ts';
import type { Verdict, Violation } from '../verdict.ts';
import { type Case, casesOf } from './cases.ts';
import { properties } from './judge.ts';

/** What was done and what was looked at, in counts: a property that looked at nothing shows nothing. */
export function tableOf(totals: Pick<Totals, 'incidents' | 'checked' | 'first'>): string {
  const violations = Map.groupBy(totals.first?.verdict.violations ?? [], (one) => one.property);
  const faults = [...totals.incidents].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    'faults',
    ...faults.map(([kind, count]) => row(count, kind)),
    'checked',
    ...properties.map(({ name, promise }) => {
      const convicted = violations.get(name)?.length ?? 0;
      const verdict = convicted > 0 ? `  VIOLATED ${convicted} times in the first bad round` : '';
      return `${row(totals.checked.get(name) ?? 0, name)}: ${promise}${verdict}`;
    }),
  ].join('\n');
}

function row(count: number, name: string): string {
  return `${String(count).padStart(9)}  ${name}`;
}

/**
 * The first violation of a history, and all that is known of its event, in order of time.
 * @returns lines; `0 violations` when there is none
 */
export function storyOf(history: History, { violations }: Verdict): string {
  const [first] = violations;
  if (!first) return '0 violations';
  const { property, id, message } = first;
  return [
    `round ${history.round} of seed ${history.seed}: ${violations.length} violations, the first:`,
    `${property}: ${id ?? 'no event in particular'}: ${message}`,
    ...chronicle(history, first),
  ].join('\n');
}

interface Line {
  readonly at: number;
  readonly text: string;
}

function chronicle(history: History, { id, otherId }: Violation): string[] {
  const cases = casesOf(history);
  const named = [id, otherId].flatMap((one) => one ?? []);
  const wanted = new Set(named.flatMap((one) => [seriesOfInstance(one) ?? one, one]));
  const told = [...wanted].flatMap((one) => cases.get(one) ?? []);
  const lines = told.flatMap((one) => linesOf(one, history, told.length > 1));
  const times = lines.map(({ at }) => at);
  const begin = times.length > 0 ? Math.min(...times) : Number.NEGATIVE_INFINITY;
  const end = times.length > 0 ? Math.max(...times) : Number.POSITIVE_INFINITY;
  const overlapping = history.incidents.filter(({ from, to }) => to >= begin && from <= end);
  const faults = overlapping.map(({ kind, from, to, detail }) => ({
    at: from,
    text: `fault     ${kind} ${detail}, until ${offset(to, Math.max(begin, 0))}`,
  }));
  const all = [...lines, ...faults].toSorted((a, b) => a.at - b.at);
  const zero = times.length > 0 ? begin : (all[0]?.at ?? 0);
  const rows = told.flatMap(({ row: last }) =>
    last ? [`${' '.repeat(11)}  at the end ${say(last)}`] : [],
  );
  return [
    `offsets in ms from ${new Date(zero).toISOString()}`,
    ...all.map(({ at, text }) => `${offset(at, zero).padStart(11)}  ${text}`),
    ...rows,
  ];
}

/** @param named whether lines say which event they are of */
function linesOf(
  { id, operations, audit, row, sightings }: Case,
  history: History,
  named: boolean,
): Line[] {
  const of = named ? ` ${shortened(id)}` : '';
  const called = operations.map(({ kind, door, version, from, to, outcome, code }) => ({
    at: from,
    text: `call     ${of} ${kind} by ${door}: ${outcome}${code ? ` (${code})` : ''} after ${(to - from).toFixed(0)} ms${version ? `, ${content(version)}` : ''}`,
  }));
  const changed = audit.map(({ at, before, after }) => ({
    at,
    text: `database ${of} ${before ? `${before.status}/${before.retry}` : 'nothing'} -> ${after ? `${after.status}/${after.retry}` : 'nothing'}`,
  }));
  const tried = (row?.attempts ?? []).map(({ at, code }) => ({
    at,
    text: `attempt  ${of} ${code}`,
  }));
  const written = sightings.map(({ record, inLog }) => ({
    at: record.timestamp,
    text: `record   ${of} ${record.topic}/${record.partition} offset ${record.offset}${inLog ? '' : ', gone at the end'}, key ${record.key}, ${Buffer.byteLength(record.payload, 'base64')} bytes ${start(record.payload)} ${JSON.stringify(record.headers)}`,
  }));
  const delivered = history.deliveries
    .filter(({ headers }) => headers.ce_id === id)
    .map(({ at, topic, partition, offset }) => ({
      at,
      text: `delivery ${of} ${topic}/${partition} offset ${offset}`,
    }));
  const due = (row ? [row.instant] : []).map((at) => ({ at, text: `instant  ${of}` }));
  return [...called, ...changed, ...tried, ...written, ...delivered, ...due];
}

/** Enough of an id to tell it from others: of an instance its original time, too. */
function shortened(id: string): string {
  const [event = '', start] = id.split('_');
  return `${event.slice(0, 8)}${start === undefined ? '' : ` ${start.slice(9)}`}`;
}

function content({ topic, key, payload, headers, instant, rule }: EventVersion): string {
  const size = Buffer.byteLength(payload, 'base64');
  return `${topic}, key ${key}, ${size} bytes ${start(payload)}, ${JSON.stringify(headers)}, due ${new Date(instant).toISOString()}${rule ? `, ${recurrenceOf(rule).replace('\n', ', ')}` : ''}`;
}

/** Enough of a payload to tell it from others. */
function start(payload: string): string {
  return payload.length > 16 ? `${payload.slice(0, 16)}…` : payload;
}

function say(row: Case['row'] & object): string {
  const { id, status, retry, lastError, publishedAt } = row;
  const published =
    publishedAt === null ? '' : `, published ${new Date(publishedAt).toISOString()}`;
  return `${shortened(id)} ${status}, retry ${retry}, last error ${lastError}${published}, ${content(row)}`;
}

function offset(at: number, zero: number): string {
  const since = at - zero;
  return `${since < 0 ? '' : '+'}${since.toFixed(1)}`;
}
