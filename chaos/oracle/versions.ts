import type { EventVersion, LogRecord, Operation } from '../history.ts';

/** An operation that gives an event its content. */
export type Write = Operation & { readonly version: EventVersion };

/** Every write, refused ones too. */
export function allWrites(operations: readonly Operation[]): Write[] {
  return operations.filter((one): one is Write => one.version !== null);
}

/** Writes that may have taken effect. */
export function effectiveWrites(operations: readonly Operation[]): Write[] {
  return allWrites(operations).filter(({ outcome }) => outcome !== 'refused');
}

/**
 * Writes of which each may have been the last that took effect. One that was answered ok took effect
 * between its call and its answer, so it is not the last when another was called after that and
 * answered ok. An unknown one may take effect at any later time. A change is answered ok only when
 * the event is there, so it comes after its creation, whenever that was called.
 */
export function lastWrites(operations: readonly Operation[]): Write[] {
  const changes = operations.filter(({ kind, outcome }) => kind === 'replace' && outcome === 'ok');
  const latest = changes.reduce((most, { from }) => Math.max(most, from), Number.NEGATIVE_INFINITY);
  return effectiveWrites(operations).filter(({ kind, outcome, to }) =>
    kind === 'create' ? changes.length === 0 : outcome === 'unknown' || latest <= to,
  );
}

/** Names of the fields in which two versions differ. */
export function differences(one: EventVersion, other: EventVersion): string[] {
  const differ: [string, boolean][] = [
    ['topic', one.topic !== other.topic],
    ['key', one.key !== other.key],
    ['payload', one.payload !== other.payload],
    ['instant', !sameInstant(one.instant, other.instant)],
    ...headerDifferences(one.headers, other.headers),
  ];
  return differ.filter(([, is]) => is).map(([name]) => name);
}

/**
 * Names of what differs between a record and the Kafka message of a version.
 * @param ceSource header ce_source of an event whose caller gave none
 */
export function misprints(
  record: LogRecord,
  id: string,
  version: EventVersion,
  ceSource: string,
): string[] {
  const { ce_time: time, ...headers } = record.headers;
  const expected = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: ceSource,
    ce_type: 'scheduler.event',
    ...version.headers,
  };
  const differ: [string, boolean][] = [
    ['topic', record.topic !== version.topic],
    ['key', record.key !== (version.key ?? id)],
    ['payload', record.payload !== version.payload],
    ['header ce_time', !sameInstant(instantOf(time ?? ''), version.instant)],
    ...headerDifferences(headers, expected),
  ];
  return differ.filter(([, is]) => is).map(([name]) => name);
}

/** The write that a record is most like, and what differs; null when there are no writes. */
export function nearest(
  record: LogRecord,
  writes: readonly Write[],
  ceSource: string,
): { readonly write: Write; readonly misprints: string[] } | null {
  const compared = writes.map((write) => ({
    write,
    misprints: misprints(record, write.id, write.version, ceSource),
  }));
  return compared.toSorted((a, b) => a.misprints.length - b.misprints.length)[0] ?? null;
}

/** Of these writes those whose message the record is. */
export function written(record: LogRecord, writes: readonly Write[], ceSource: string): Write[] {
  return writes.filter(({ id, version }) => misprints(record, id, version, ceSource).length === 0);
}

/** @returns ms since the epoch of an RFC 3339 time in UTC, microseconds as a fraction; else NaN */
function instantOf(text: string): number {
  const [, seconds, fraction] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$/.exec(text) ?? [];
  if (seconds === undefined) return Number.NaN;
  return Date.parse(`${seconds}Z`) + Number(`0${fraction ?? ''}`) * 1000;
}

/** Doubles hold such instants to a quarter of a microsecond. */
function sameInstant(one: number, other: number): boolean {
  return Math.abs(one - other) < 0.0006;
}

function headerDifferences(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): [string, boolean][] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].map((name) => [`header ${name}`, one[name] !== other[name]]);
}
