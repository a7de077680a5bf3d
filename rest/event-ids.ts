import type { ErrorCatalogue } from '../api/errors.ts';
import { type EventId, type InstanceId, readEventId } from '../api/events/event-id.ts';
import type { ReplacedEvent } from './schemas.ts';

/**
 * The id of a path.
 * @throws ProblemError 400
 */
export function checkId(id: string, errors: ErrorCatalogue): EventId {
  const known = readEventId(id);
  if (!known) {
    throw errors.refusal('invalid_id', { field: 'id', detail: JSON.stringify(id.slice(0, 60)) });
  }
  return known;
}

/** An event is no instance of anything, whatever its body says. */
export function refuseRecurrenceId({ recurrenceId }: ReplacedEvent, errors: ErrorCatalogue): void {
  if (recurrenceId) {
    const detail = 'The path names an event that is no instance of a series.';
    throw errors.refusal('invalid_event', { field: 'recurrenceId', detail });
  }
}

/**
 * The body of an instance says nothing else than its path, and nothing of what is its series'.
 * @returns the body without what is ignored
 */
export function narrowToInstance(
  body: ReplacedEvent,
  { id, seriesId }: InstanceId,
  errors: ErrorCatalogue,
): ReplacedEvent {
  if (body.id && readEventId(body.id)?.id !== id) {
    const detail = 'It differs from the instance that is to be replaced.';
    throw errors.refusal('invalid_id', { field: 'id', detail });
  }
  if (body.recurrenceId && body.recurrenceId.toLowerCase() !== seriesId) {
    const detail = 'The path names an instance of another series.';
    throw errors.refusal('invalid_event', { field: 'recurrenceId', detail });
  }
  if (body.recurrence) {
    const detail = 'An instance does not recur.';
    throw errors.refusal('invalid_recurrence', { field: 'recurrence', detail });
  }
  return { ...body, id: null, gap: null, overlap: null, missed: null };
}
