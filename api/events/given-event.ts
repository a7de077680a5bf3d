/** An event as a caller gives it. Null and '' are the same as nothing. */
export interface GivenEvent {
  readonly id?: string | null | undefined;
  readonly scheduledAt: string;
  readonly timezone?: string | null | undefined;
  readonly payload: Buffer;
  readonly destinationTopic: string;
  readonly endsAt?: string | null | undefined;
  readonly recurrence?: string | null | undefined;
  readonly gap?: string | null | undefined;
  readonly overlap?: string | null | undefined;
  readonly missed?: string | null | undefined;
  readonly maxLateness?: string | null | undefined;
  readonly key?: string | null | undefined;
  readonly headers?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The values of `input` in statements.ts. */
export function inputValues(event: GivenEvent): unknown[] {
  return [
    event.id,
    event.scheduledAt,
    event.timezone,
    event.payload,
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

/** Named as in `eventInputs` of statements.ts. */
export function toRecord({ payload, headers, ...event }: GivenEvent) {
  return { ...event, payload: payload.toString('base64'), headers: headers || null };
}

export function recurs<Event extends Pick<GivenEvent, 'recurrence'>>(
  event: Event,
): event is Event & { readonly recurrence: string } {
  return Boolean(event.recurrence);
}
