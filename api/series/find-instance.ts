import { finishInSlices, type Revision } from '../../recurrence/index.ts';
import type { InstanceId } from '../events/event-id.ts';
import type { EventRow } from '../events/event-row.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';
import { type Exception, type Original, readExceptions } from './exceptions.ts';
import { instanceRow } from './instance-row.ts';
import { findOriginal, isInForce } from './originals.ts';
import { readPassedRanges } from './passed-ranges.ts';
import { Places } from './places.ts';
import { readStoredSeries, type StoredSeries } from './stored-series.ts';

/** An instance of a series, and what SQL needs to know to change it. */
export interface Instance {
  readonly event: EventRow;
  readonly isException: boolean;
  readonly original: Original;
  /** number of the revision that it is an occurrence of */
  readonly revision: number;
  /** number of the one that its series had, when it was read */
  readonly presentRevision: number;
}

/**
 * Finds the instance with an id, as a caller may see it.
 * @throws ProblemError 404
 */
export async function findInstance(
  context: SeriesContext,
  caller: Caller,
  id: InstanceId,
): Promise<Instance> {
  const series = await readStoredSeries(context, caller, id.seriesId);
  const found =
    series && series !== 'one-off' ? await findIn(context, caller, series, id) : undefined;
  if (!found) {
    throw context.errors.refusal('not_found', { field: 'id', detail: id.id });
  }
  return found;
}

async function findIn(
  context: SeriesContext,
  caller: Caller,
  series: StoredSeries,
  { id, instant }: InstanceId,
): Promise<Instance | undefined> {
  const occurrence = await finishInSlices(series.occurrences.at(instant));
  const seriesId = series.event.id;
  const exceptions = await readExceptions(context, caller, seriesId, id, occurrence);
  const exception = exceptions.find(({ event }) => event.id === id) ?? exceptions[0];
  if (exception) {
    return describeException(series, exception);
  }
  if (!occurrence) {
    return undefined;
  }
  const passed = await readPassedRanges(context, caller, seriesId, instant, instant);
  const place = await new Places(series.occurrences).of(occurrence);
  return {
    event: instanceRow(series, occurrence, place, passed),
    isException: false,
    original: occurrence,
    revision: occurrence.revision,
    presentRevision: presentRevisionOf(series),
  };
}

async function describeException(
  series: StoredSeries,
  exception: Exception,
): Promise<Instance | undefined> {
  const occurrence = await findOriginal(series, exception.original);
  if (!isInForce(exception, occurrence)) {
    return undefined;
  }
  const place = occurrence && (await new Places(series.occurrences).of(occurrence));
  return {
    event: { ...exception.event, occurrence: place },
    isException: true,
    original: exception.original,
    revision: occurrence?.revision ?? presentRevisionOf(series),
    presentRevision: presentRevisionOf(series),
  };
}

function presentRevisionOf({ revisions }: StoredSeries): number {
  return (revisions.at(-1) as Revision).number;
}
