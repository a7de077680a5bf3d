import type {
  AuditEntry,
  Delivery,
  FinalRow,
  History,
  LogRecord,
  Operation,
  TopicFacts,
} from '../history.ts';
import { type InstanceCase, isOfSeries, type SeriesCase, seriesCasesOf } from './series-cases.ts';

/** Once that an event was on a topic, however often it was seen there. */
export interface Sighting {
  readonly record: LogRecord;
  /** whether it is there at the end */
  readonly inLog: boolean;
  /** ms since the epoch at which the live consumer had it first; null: it never had it */
  readonly at: number | null;
}

/** All that a history says of one event. */
export interface Case {
  readonly id: string;
  /** in order of their beginnings */
  readonly operations: readonly Operation[];
  readonly row: FinalRow | null;
  readonly audit: readonly AuditEntry[];
  readonly sightings: readonly Sighting[];
}

/** A history, and the same sorted by event. */
export interface Evidence extends History {
  /** of events that neither recur nor are instances */
  readonly cases: ReadonlyMap<string, Case>;
  readonly series: ReadonlyMap<string, SeriesCase>;
}

export function evidenceOf(history: History): Evidence {
  const all = [...casesOf(history).values()];
  return {
    ...history,
    cases: new Map(all.filter((one) => !isOfSeries(one)).map((one) => [one.id, one])),
    series: seriesCasesOf(all.filter(isOfSeries)),
  };
}

/** Whatever is one message at most: events and the instances of series. */
export function messagesOf({ cases, series }: Evidence): Case[] {
  return [...cases.values(), ...instancesOf(series)];
}

export function instancesOf(series: Evidence['series']): InstanceCase[] {
  return [...series.values()].flatMap(({ instances }) => [...instances.values()]);
}

/** Sorts a history by event, series and instance; a record without ce_id is of the event ''. */
export function casesOf(history: History): Map<string, Case> {
  const operations = Map.groupBy(history.operations, ({ id }) => id);
  const audit = Map.groupBy(history.audit, ({ id }) => id);
  const rows = new Map(history.rows.map((row) => [row.id, row]));
  const sightings = Map.groupBy(sightingsOf(history), ({ record }) => idOf(record));
  const ids = new Set([operations, audit, rows, sightings].flatMap((map) => [...map.keys()]));
  return new Map(
    [...ids].map((id) => [
      id,
      {
        id,
        operations: (operations.get(id) ?? []).toSorted((a, b) => a.from - b.from),
        row: rows.get(id) ?? null,
        audit: audit.get(id) ?? [],
        sightings: sightings.get(id) ?? [],
      },
    ]),
  );
}

/** The event that a record says it is of. */
export function idOf(record: LogRecord): string {
  return record.headers.ce_id ?? '';
}

/**
 * Where and what a record is, the same in the log and live. With its timestamp and its event, for
 * in a topic that was deleted and created again the offsets begin anew.
 */
export function placeOf(record: LogRecord): string {
  const { topic, partition, offset, timestamp } = record;
  return `${topic}/${partition}/${offset}/${timestamp}/${idOf(record)}`;
}

function sightingsOf({ log, deliveries }: History): Sighting[] {
  const seen = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const place = placeOf(delivery);
    if (!seen.has(place)) seen.set(place, delivery);
  }
  const inLog = log.map((record) => {
    const place = placeOf(record);
    const at = seen.get(place)?.at ?? null;
    seen.delete(place);
    return { record, inLog: true, at };
  });
  const gone = [...seen.values()].map((record) => ({ record, inLog: false, at: record.at }));
  return [...inLog, ...gone];
}

export function topicsOf({ topics }: History): Map<string, TopicFacts> {
  return new Map(topics.map((facts) => [facts.topic, facts]));
}
