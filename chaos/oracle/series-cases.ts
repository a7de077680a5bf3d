import type { FinalRow, Operation } from '../history.ts';
import { instanceId, originalInstant, seriesOfInstance, startsOf } from '../series.ts';
import type { Case } from './cases.ts';
import { allWrites, effectiveWrites, type Write } from './versions.ts';

/** All that a history says of one series. */
export interface SeriesCase {
  /** what is said of the series itself */
  readonly whole: Case;
  /** by id: all that its rules have, and all that anybody spoke of or saw */
  readonly instances: ReadonlyMap<string, InstanceCase>;
}

/**
 * An instance, told as an event of its own: what was asked for its series created it, and what was
 * asked for itself changed it. Key and headers are those of its message; its row is its exception's.
 */
export interface InstanceCase extends Case {
  /** ms since the epoch, by the rule */
  readonly start: number;
  /** those that named it */
  readonly own: readonly Operation[];
  /** whether a rule may have come into force that does not have it: its exception goes then */
  readonly mayBeDropped: boolean;
}

export function isOfSeries({ id, row, operations }: Case): boolean {
  return (
    seriesOfInstance(id) !== null ||
    typeof row?.recurrence === 'string' ||
    operations.some(({ version }) => version?.rule !== undefined)
  );
}

/** @param cases of series and of instances, by id */
export function seriesCasesOf(cases: readonly Case[]): Map<string, SeriesCase> {
  const members = Map.groupBy(cases, ({ id }) => seriesOfInstance(id) ?? id);
  return new Map([...members].map(([id, of]) => [id, seriesCaseOf(id, of)]));
}

function seriesCaseOf(id: string, members: readonly Case[]): SeriesCase {
  const known = new Map(members.map((one) => [one.id, one]));
  const whole = known.get(id) ?? nothing(id);
  known.delete(id);
  const starts = new Map(
    allWrites(whole.operations)
      .flatMap(({ version }) => startsOf(version))
      .map((start) => [instanceId(id, start), start]),
  );
  const ids = new Set([...starts.keys(), ...known.keys()]);
  const instances = [...ids].map((one) =>
    instanceOf(whole, known.get(one) ?? nothing(one), starts.get(one) ?? null),
  );
  return { whole, instances: new Map(instances.map((one) => [one.id, one])) };
}

function nothing(id: string): Case {
  return { id, operations: [], row: null, audit: [], sightings: [] };
}

/** @param start null: no rule has it */
function instanceOf(whole: Case, one: Case, start: number | null): InstanceCase {
  const { id, row, operations } = one;
  // Its content is the series' of the moment, also of a rule that does not have it any more.
  const given = start === null ? [] : allWrites(whole.operations);
  const created = given.map((write): Operation => ({ ...write, id, kind: 'create' }));
  const told = [...created, ...operations].map((operation) => ({
    ...operation,
    version: operation.version && asMessage(whole.id, operation.version, operation, start),
  }));
  return {
    ...one,
    operations: told.toSorted((a, b) => a.from - b.from),
    row: row && asSent(whole.id, row),
    start: start ?? originalInstant(id),
    own: operations,
    mayBeDropped: effectiveWrites(whole.operations).some((write) => !has(write, start)),
  };
}

function asMessage(
  seriesId: string,
  { rule: _, ...version }: Write['version'],
  { kind }: Operation,
  start: number | null,
): Write['version'] {
  const sent = asSent(seriesId, version);
  return kind === 'create' && start !== null ? { ...sent, instant: start } : sent;
}

function asSent<T extends Write['version'] | FinalRow>(seriesId: string, version: T): T {
  const { key, headers } = version;
  return {
    ...version,
    key: key ?? seriesId,
    headers: { ...headers, 'scheduler-series-id': seriesId },
  };
}

/** Whether the rule of a write has this start. */
export function has({ version }: Write, start: number | null): boolean {
  return start !== null && startsOf(version).includes(start);
}

/** Of these writes those whose rule may have been in force at an instant. */
export function inForceAt(operations: readonly Operation[], instant: number): Write[] {
  // A change decides about what comes after it; the past of a creation goes out, too.
  return leftAt(operations, instant).filter(
    ({ kind, from }) => kind === 'create' || from <= instant,
  );
}

/**
 * Writes that no other had replaced for certain before an instant: one that was answered by then,
 * ok, and called after they had been answered. An unknown one may take effect at any later time.
 */
export function leftAt(operations: readonly Operation[], instant: number): Write[] {
  const changes = operations.filter(
    ({ kind, outcome, to }) => kind === 'replace' && outcome === 'ok' && to < instant,
  );
  return effectiveWrites(operations).filter(({ kind, outcome, to }) =>
    kind === 'create'
      ? changes.length === 0
      : outcome === 'unknown' || changes.every(({ from }) => from <= to),
  );
}
