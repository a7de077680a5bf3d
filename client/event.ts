import { v7 as newId } from 'uuid';
import type { NewEvent as RestNewEvent } from '../rest/schemas/event.ts';
import { encodeBase64 } from './base64.ts';
import type { OrUndefined } from './types.ts';

/** What only the scheduler says of an event. */
type ReadOnly =
  | 'status'
  | 'scheduledInstant'
  | 'retry'
  | 'lastError'
  | 'recurrenceId'
  | 'occurrence'
  | 'owner'
  | 'createdAt'
  | 'updatedAt'
  | 'publishedAt'
  | 'nextAt';

/** The body of `POST /events`; what is undefined is absent. */
type NewEvent = OrUndefined<Omit<RestNewEvent, ReadOnly>>;

/** A new event with an id, so that scheduling it again schedules nothing twice. */
export type SchedulableEvent = NewEvent & { readonly id: string };

/** A payload as a producer has it: bytes as they are, a string in UTF-8, anything else as JSON. */
export type Payload = Uint8Array | ArrayBuffer | string | Json | object;
type Json = number | boolean | null | readonly unknown[];

export interface EventToSchedule
  extends Omit<NewEvent, 'scheduledAt' | 'endsAt' | 'payload' | 'recurrence'> {
  /** a Date is an instant; a string without `Z` or offset is wall time in `timezone` */
  readonly scheduledAt: Date | string;
  readonly endsAt?: Date | string | null | undefined;
  /** lines of RFC 5545 */
  readonly recurrence?: string | readonly string[] | null | undefined;
  readonly payload: Payload;
}

/**
 * An event as `schedule` takes it: with an id (UUID version 7, unless one is given), the payload in
 * Base64, dates as text. Nothing is sent yet.
 * @throws TypeError for a payload that is no JSON, RangeError for an invalid Date
 */
export function createSchedulableEvent(event: EventToSchedule): SchedulableEvent {
  const { id, scheduledAt, endsAt, recurrence, payload, ...rest } = event;
  return {
    ...rest,
    id: id || newId(),
    scheduledAt: toText(scheduledAt),
    payload: encodePayload(payload),
    ...(endsAt && { endsAt: toText(endsAt) }),
    ...(recurrence && {
      recurrence: typeof recurrence === 'string' ? recurrence : recurrence.join('\n'),
    }),
  };
}

/**
 * A payload as REST takes it.
 * @throws TypeError for one that is no JSON
 */
export function encodePayload(payload: Payload): string {
  return encodeBase64(toBytes(payload));
}

function toText(moment: Date | string): string {
  return typeof moment === 'string' ? moment : moment.toISOString();
}

function toBytes(payload: Payload): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (payload instanceof ArrayBuffer) return new Uint8Array(payload);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  // What JSON.stringify makes of functions and undefined.
  if (text === undefined) throw new TypeError('payload: it is neither bytes, text nor JSON');
  return new TextEncoder().encode(text);
}
