import type { ErrorCatalogue } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import { cancelInstance, replaceInstance } from '../series/change-instance.ts';
import { checkRecurrence } from '../series/given-recurrence.ts';
import type { EventsContext } from './context.ts';
import { type InstanceId, readEventId } from './event-id.ts';
import type { EventRow } from './event-row.ts';
import { type GivenEvent, inputValues, recurs } from './given-event.ts';
import { ask, checkId, seriesOr404 } from './read-event.ts';

/** The whole of an event, as a caller got it and gives it back. */
export interface ReplacingEvent extends GivenEvent {
  /** the series of an instance */
  readonly recurrenceId?: string | null | undefined;
  /** that it should have */
  readonly status?: string | null | undefined;
}

/**
 * Replaces an event, a series or an instance.
 * @param id as the caller wrote it
 * @throws ProblemError 400 that names the field, 403, 404 or 409
 */
export async function replaceEvent(
  context: EventsContext,
  caller: Caller,
  id: string,
  given: ReplacingEvent,
): Promise<EventRow> {
  const { errors, series, statements } = context;
  const known = checkId(id, errors);
  if (known.type === 'instance') {
    const values = inputValues(narrowToInstance(given, known, errors));
    return replaceInstance(seriesOr404(context, known), caller, known, given.status, values);
  }
  if (given.recurrenceId) {
    const detail = 'The id is of an event that is no instance of a series.';
    throw errors.refusal('invalid_event', { field: 'recurrenceId', detail });
  }
  if (recurs(given) && series) {
    await checkRecurrence(given, series.timezones, errors);
  }
  const values = [known.id, given.status, ...inputValues(given)];
  return ask<EventRow>(context, caller, statements.replace, values);
}

/**
 * Cancels an event, a series or an instance. One that is canceled already is answered as it is.
 * @param id as the caller wrote it
 * @throws ProblemError 400, 403, 404 or 409
 */
export async function cancelEvent(
  context: EventsContext,
  caller: Caller,
  id: string,
): Promise<EventRow> {
  const known = checkId(id, context.errors);
  return known.type === 'instance'
    ? cancelInstance(seriesOr404(context, known), caller, known)
    : ask<EventRow>(context, caller, context.statements.cancel, [known.id]);
}

/**
 * What is given of an instance says nothing else than its id, and nothing of what is its series'.
 * @returns the event without what is ignored
 */
function narrowToInstance(
  given: ReplacingEvent,
  { id, seriesId }: InstanceId,
  errors: ErrorCatalogue,
): GivenEvent {
  if (given.id && readEventId(given.id)?.id !== id) {
    const detail = 'It differs from the instance that is to be replaced.';
    throw errors.refusal('invalid_id', { field: 'id', detail });
  }
  if (given.recurrenceId && given.recurrenceId.toLowerCase() !== seriesId) {
    const detail = 'It is an instance of another series.';
    throw errors.refusal('invalid_event', { field: 'recurrenceId', detail });
  }
  if (given.recurrence) {
    const detail = 'An instance does not recur.';
    throw errors.refusal('invalid_recurrence', { field: 'recurrence', detail });
  }
  return { ...given, id: null, gap: null, overlap: null, missed: null };
}
