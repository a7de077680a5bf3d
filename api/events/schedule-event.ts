import type { Caller } from '../identity/caller.ts';
import { checkNewSeries } from '../series/new-series.ts';
import type { WarningText } from '../series/warnings.ts';
import type { EventsContext } from './context.ts';
import type { EventRow } from './event-row.ts';
import { type GivenEvent, recurs } from './given-event.ts';

export interface ScheduledEvent {
  readonly event: EventRow;
  /** false: the same creation was there already */
  readonly created: boolean;
  /** what the creator of a series should know */
  readonly warnings: readonly WarningText[];
}

/**
 * Creates an event or a series.
 * @throws ProblemError 400 that names the field, 403 or 409
 */
export async function scheduleEvent(
  { creations, series }: EventsContext,
  caller: Caller,
  given: GivenEvent,
): Promise<ScheduledEvent> {
  const warnings = recurs(given) && series ? await checkNewSeries(series, caller, given) : [];
  const { created, ...event } = await creations.store(caller, given);
  return { event, created, warnings: created ? warnings : [] };
}
