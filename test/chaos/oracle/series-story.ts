import type { EventVersion, FinalRow, LogRecord, Operation } from '../../../chaos/history.ts';
import { instanceId, recurrenceOf } from '../../../chaos/series.ts';
import { audit, delivered, operation, type Part, record, row, state, T, version } from './story.ts';

/** Of a series that begins a second after its creation. */
export const rule = { interval: 1, count: 3, excluded: [] };

export function seriesVersion(more: Partial<EventVersion> = {}): EventVersion {
  return version({ rule, ...more });
}

/** @param seconds after the beginning of the story */
export function instanceAt(id: string, seconds: number): string {
  return instanceId(id, T + seconds * 1_000);
}

/** The record of an occurrence, at the offset of its seconds. */
export function occurrence(
  id: string,
  seconds: number,
  more: Partial<LogRecord> = {},
  of = seriesVersion(),
): LogRecord {
  return record(
    instanceAt(id, seconds),
    {
      offset: seconds,
      key: of.key ?? id,
      ...more,
      headers: { 'scheduler-series-id': id, ...more.headers },
    },
    { ...of, instant: T + seconds * 1_000 },
  );
}

export function seriesRow(
  id: string,
  status: FinalRow['status'] = 'PUBLISHED',
  of = seriesVersion(),
): FinalRow {
  const { rule: made = rule, ...rest } = of;
  return row(id, { ...rest, status, recurrence: recurrenceOf(made) });
}

/** What became of one instance: a row of its own. */
export function exception(id: string, seconds: number, more: Partial<FinalRow> = {}): FinalRow {
  return row(instanceAt(id, seconds), { instant: T + seconds * 1_000, ...more });
}

/** A series to which happened what should. @param at seconds of its occurrences that were published */
export function publishedSeries(
  id: string,
  at: readonly number[] = [1, 2, 3],
  of = seriesVersion(),
): Part {
  const log = at.map((seconds) => occurrence(id, seconds, {}, of));
  return {
    operations: [operation(id, { version: of })],
    rows: [seriesRow(id, 'PUBLISHED', of)],
    log,
    deliveries: log.map((one) => delivered(one)),
    audit: audit(id, state('SCHEDULED'), state('PUBLISHED')),
  };
}

/** A change of a series, or of an instance, answered ok, unless told otherwise. */
export function changed(id: string, at: number, more: Partial<Operation> = {}): Operation {
  return operation(id, {
    kind: 'replace',
    version: seriesVersion(),
    from: T + at,
    to: T + at + 10,
    ...more,
  });
}

export function canceled(id: string, at: number, more: Partial<Operation> = {}): Operation {
  return changed(id, at, { kind: 'cancel', version: null, ...more });
}
