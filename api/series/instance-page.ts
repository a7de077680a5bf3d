import { finishInSlices, Meter, type RevisedOccurrence } from '../../recurrence/index.ts';
import { makeInstanceId } from '../events/event-id.ts';
import type { EventRow } from '../events/event-row.ts';
import type { Caller } from '../identity/caller.ts';
import { GREATEST_PAGE } from '../query.ts';
import type { SeriesContext } from './context.ts';
import {
  type Exception,
  type ExceptionKey,
  type Position,
  readExceptionKeys,
  readExceptionsBetween,
} from './exceptions.ts';
import { instanceRow } from './instance-row.ts';
import { findOriginal, isInForce } from './originals.ts';
import { readPassedRanges } from './passed-ranges.ts';
import { Places } from './places.ts';
import { comparePositions, positionOf, secondOf } from './position.ts';
import type { StoredSeries } from './stored-series.ts';

export interface PageRequest {
  /** exclusive */
  readonly after: Position;
  /** exclusive, seconds; infinity: no end */
  readonly to: number;
  /** null: as many as fit the series */
  readonly limit: number | null;
}

export interface InstancePage {
  readonly events: readonly EventRow[];
  /** after which the next page begins; null: this is the last */
  readonly next: Position | null;
}

const ENDLESS_PAGE = 100;
/** Bytes of JSON after which a page ends. */
const PAGE_BYTES = 8 * 1024 * 1024;
/** Stretches without an instance to show that one page may pass by: others were moved away or are gone. */
const MOST_STRETCHES = 5;
/** Occurrences of a stretch, however few instances are wanted: they may have been moved away. */
const LEAST_STRETCH = 20;

/**
 * The instances of a series in order of their current time, then id, exceptions among them. Its work is
 * bounded: it may end early, with a position to go on from.
 */
export async function readPage(
  context: SeriesContext,
  caller: Caller,
  series: StoredSeries,
  { after, to, limit }: PageRequest,
): Promise<InstancePage> {
  const most = limit ?? (series.occurrences.isFinite ? GREATEST_PAGE : ENDLESS_PAGE);
  const events: EventRow[] = [];
  let [position, bytes] = [after, 0];
  for (let stretches = 0; stretches < MOST_STRETCHES && events.length < most; stretches++) {
    const wanted = most - events.length;
    const stretch = await readStretch(context, caller, series, { after: position, to }, wanted);
    for (const event of stretch.events) {
      bytes += sizeOf(event);
      if (events.length > 0 && bytes > PAGE_BYTES) {
        return { events, next: position };
      }
      events.push(event);
      position = positionOf(event);
    }
    if (!stretch.next) {
      return { events, next: null };
    }
    position = stretch.next;
  }
  return { events, next: position };
}

/** Part of a page: at most `limit` instances, perhaps none, and where it ends. */
async function readStretch(
  context: SeriesContext,
  caller: Caller,
  series: StoredSeries,
  { after, to }: Pick<PageRequest, 'after' | 'to'>,
  limit: number,
): Promise<InstancePage> {
  const seriesId = series.event.id;
  const from = secondOf(after);
  // One may be the last of the page before, and one tells whether there are more.
  const most = Math.max(limit, LEAST_STRETCH) + 2;
  const run = await finishInSlices(series.occurrences.between(from, to, most));
  const last = run.complete ? undefined : run.occurrences.at(-1);
  const window = { seriesId, after, to, until: last?.instant ?? to, limit: limit + 1 };
  const [keys, moved, passed] = await Promise.all([
    readExceptionKeys(context, caller, seriesId, run.occurrences),
    readExceptionsBetween(context, caller, { ...window, bytes: PAGE_BYTES }),
    readPassedRanges(context, caller, seriesId, from, run.occurrences.at(-1)?.instant ?? from),
  ]);
  const meter = new Meter();
  const places = new Places(series.occurrences, meter);
  await places.count(run.occurrences);
  const events = await describeExceptions(series, moved.exceptions, places, meter);
  const hasException = occurrencesOf(seriesId, keys);
  for (const occurrence of run.occurrences.filter((one) => !hasException(one))) {
    events.push(instanceRow(series, occurrence, await places.of(occurrence), passed));
  }
  const lastMoved = moved.complete ? undefined : moved.exceptions.at(-1);
  const ends = [
    ...(last ? [positionOf(instanceRow(series, last, null, passed))] : []),
    ...(lastMoved ? [positionOf(lastMoved.event)] : []),
  ].sort(comparePositions);
  return cut(events, after, ends[0] ?? null, limit);
}

/** The first of some events between two positions, `until` inclusive. */
function cut(
  events: readonly EventRow[],
  after: Position,
  until: Position | null,
  limit: number,
): InstancePage {
  const within = events
    .map((event) => ({ event, position: positionOf(event) }))
    .filter(
      ({ position }) =>
        comparePositions(position, after) > 0 &&
        (until === null || comparePositions(position, until) <= 0),
    )
    .sort((a, b) => comparePositions(a.position, b.position));
  const next = within.length > limit ? (within[limit - 1]?.position ?? null) : until;
  return { events: within.slice(0, limit).map(({ event }) => event), next };
}

/** Those of some exceptions that are to be seen, with their places. */
async function describeExceptions(
  series: StoredSeries,
  exceptions: readonly Exception[],
  places: Places,
  meter: Meter,
): Promise<EventRow[]> {
  const events: EventRow[] = [];
  // In order of their original starts, in which counting goes on from one to the next.
  for (const exception of exceptions.toSorted((a, b) => a.original.instant - b.original.instant)) {
    const occurrence = await findOriginal(series, exception.original, meter);
    if (isInForce(exception, occurrence)) {
      const place = occurrence && (await places.of(occurrence));
      events.push({ ...exception.event, occurrence: place });
    }
  }
  return events;
}

/** Tells which occurrences some exceptions take the place of. */
function occurrencesOf(seriesId: string, keys: readonly ExceptionKey[]) {
  const ids = new Set(keys.map(({ id }) => id));
  const wallKey = (of: Pick<ExceptionKey, 'wall' | 'secondPass'>) => `${of.wall} ${of.secondPass}`;
  const walls = new Set(keys.filter(({ settled }) => settled).map(wallKey));
  return (occurrence: RevisedOccurrence) =>
    ids.has(makeInstanceId(seriesId, occurrence.instant).id) || walls.has(wallKey(occurrence));
}

/** Bytes of its JSON, roughly. */
function sizeOf({ payload, ...event }: EventRow): number {
  return JSON.stringify(event).length + Math.ceil(((payload?.length ?? 0) * 4) / 3);
}
