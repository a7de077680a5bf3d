import { Meter } from '../../recurrence/index.ts';
import type { EventRow } from '../events/event-row.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';
import { readOriginals } from './exceptions.ts';
import { findOriginal, isInForce } from './originals.ts';
import { Places } from './places.ts';
import { readRules } from './stored-series.ts';

/**
 * Events as they are listed: the exceptions among them with their places, and without those that
 * vanished with their occurrence.
 */
export async function describeListed(
  context: SeriesContext,
  caller: Caller,
  events: readonly EventRow[],
): Promise<EventRow[]> {
  const exceptions = events.filter(({ recurrenceId }) => recurrenceId !== null);
  if (exceptions.length === 0) {
    return [...events];
  }
  const seriesIds = new Set(exceptions.map(({ recurrenceId }) => recurrenceId as string));
  const [rules, originals] = await Promise.all([
    readRules(context, caller, [...seriesIds]),
    readOriginals(
      context,
      caller,
      exceptions.map(({ id }) => id),
    ),
  ]);
  const meter = new Meter();
  const series = new Map(
    [...rules].map(([id, its]) => [id, { ...its, places: new Places(its.occurrences, meter) }]),
  );
  const listed: EventRow[] = [];
  for (const event of events) {
    const original = originals.get(event.id);
    const its = series.get(event.recurrenceId ?? '');
    if (!original || !its) {
      listed.push(event);
      continue;
    }
    const occurrence = await findOriginal(its, original, meter);
    if (isInForce({ event, original }, occurrence)) {
      listed.push({ ...event, occurrence: occurrence && (await its.places.of(occurrence)) });
    }
  }
  return listed;
}
