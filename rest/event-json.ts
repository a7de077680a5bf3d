import { decodeBase64 } from '../api/base64.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import type { EventRow } from '../api/events/event-row.ts';
import type { EventJson, NewEvent } from './schemas.ts';

/** An event as REST gives it. */
export function toJson({ payload, ...row }: EventRow): EventJson {
  return { ...row, payload: payload?.toString('base64') ?? null };
}

/**
 * The values of `input` in api/events/statements.ts.
 * @throws ProblemError for a payload that is not Base64
 */
export function inputValues(event: NewEvent, errors: ErrorCatalogue): unknown[] {
  const payload = decodeBase64(event.payload);
  if (typeof payload === 'string') {
    throw errors.refusal('invalid_payload', { field: 'payload', detail: payload });
  }
  return [
    event.id,
    event.scheduledAt,
    event.timezone,
    payload,
    event.destinationTopic,
    event.endsAt,
    event.recurrence,
    event.gap,
    event.overlap,
    event.missed,
    event.maxLateness,
    event.key,
    event.headers ? JSON.stringify(event.headers) : null,
  ];
}
