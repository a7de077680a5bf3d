import { Meter } from '../../recurrence/index.ts';
import type { EventRow } from '../events/event-row.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';
import { readOriginals } from './exceptions.ts';
import { findOriginal, isInForce } from './originals.ts';
import { Places } from './places.ts';
import { readRules } from './stored-series.ts';

/**
 * Steps (see `workLimits`) that counting may take for one list, a second or so: what is left then has no
 * place. Each count has a bound of its own, but a list may name a thousand series.
 */
const MOST_STEPS = 20_000_000;

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
      const isCounted = occurrence && meter.steps < MOST_STEPS;
      listed.push({ ...event, occurrence: isCounted ? await its.places.of(occurrence) : null });
    }
  }
  return listed;
}
