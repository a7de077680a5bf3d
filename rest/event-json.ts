import { decodeBase64 } from '../api/base64.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import type { EventRow } from '../api/events/event-row.ts';
import type { EventJson } from './schemas/event.ts';

/** An event as REST gives it. */
export function toJson({ payload, ...row }: EventRow): EventJson {
  return { ...row, payload: payload?.toString('base64') ?? null };
}

/**
 * An event as REST takes it.
 * @throws ProblemError for a payload that is not Base64
 */
export function fromJson<Event extends { readonly payload: string }>(
  event: Event,
  errors: ErrorCatalogue,
): Omit<Event, 'payload'> & { readonly payload: Buffer } {
  const payload = decodeBase64(event.payload);
  if (typeof payload === 'string') {
    throw errors.refusal('invalid_payload', { field: 'payload', detail: payload });
  }
  return { ...event, payload };
}

/** @throws ProblemError for a new event that says it has a status other than the one that it gets */
export function refuseStatus(
  { status }: { readonly status?: string | null | undefined },
  errors: ErrorCatalogue,
): void {
  if (status && status !== 'SCHEDULED') {
    const detail = 'An event begins as SCHEDULED.';
    throw errors.refusal('invalid_event', { field: 'status', detail });
  }
}

/** Absent, null and "" are the same; of an object only the schema does not say so. */
export function dropEmptyHeaders(body: unknown): void {
  if (Array.isArray(body)) {
    body.forEach(dropEmptyHeaders);
  } else if (body && typeof body === 'object' && 'headers' in body && body.headers === '') {
    body.headers = null;
  }
}
