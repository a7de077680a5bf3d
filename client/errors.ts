/** What an answer that refuses something says (problem details, RFC 9457), as far as it does. */
export interface Refusal {
  /** HTTP status; null: there was no answer */
  readonly status: number | null;
  /** stable name, such as `invalid_timezone` or `in_flight` */
  readonly code: string;
  readonly title: string;
  readonly detail?: string | undefined;
  /** the field at fault, in the notation of the request */
  readonly field?: string | undefined;
  /** what would be right */
  readonly hint?: string | undefined;
  /** id of the request, to be found in the server's log */
  readonly requestId?: string | undefined;
}

/** What every call of the client throws, but for a signal's own reason when the caller aborts. */
export class SchedulerError extends Error implements Refusal {
  override readonly name: string = 'SchedulerError';
  readonly status: number | null;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly requestId: string | undefined;

  constructor(refusal: Refusal, cause?: unknown) {
    super(describe(refusal), { cause });
    this.status = refusal.status;
    this.code = refusal.code;
    this.title = refusal.title;
    this.detail = refusal.detail;
    this.field = refusal.field;
    this.hint = refusal.hint;
    this.requestId = refusal.requestId;
  }
}

/** The request is wrong, and will be so again: 400 and whatever else of 4xx has no class of its own. */
export class InvalidRequestError extends SchedulerError {
  override readonly name = 'InvalidRequestError';
}

/** Nobody knows the caller, or the caller may not do this: 401, 403. */
export class NotAllowedError extends SchedulerError {
  override readonly name = 'NotAllowedError';
}

/** There is no such event, or the caller may not see it: 404. */
export class NotFoundError extends SchedulerError {
  override readonly name = 'NotFoundError';
}

/** The event is not in a state for this (final, being published, changed meanwhile): 409, 412. */
export class ConflictError extends SchedulerError {
  override readonly name = 'ConflictError';
}

/**
 * No answer came, or one that says that there is none now: network, time-out, 429, 5xx. Whether
 * the call had an effect is not known; every call may be repeated.
 */
export class UnavailableError extends SchedulerError {
  override readonly name = 'UnavailableError';
}

/** The error class of an answer. */
export function toError(refusal: Refusal, cause?: unknown): SchedulerError {
  const { status } = refusal;
  if (status === null || status === 408 || status === 429 || status >= 500) {
    return new UnavailableError(refusal, cause);
  }
  if (status === 401 || status === 403) return new NotAllowedError(refusal, cause);
  if (status === 404) return new NotFoundError(refusal, cause);
  if (status === 409 || status === 412) return new ConflictError(refusal, cause);
  if (status >= 400) return new InvalidRequestError(refusal, cause);
  // A success that cannot be read: something else answers there.
  return new SchedulerError(refusal, cause);
}

function describe({ title, detail, field, code }: Refusal): string {
  const what = detail && detail !== title ? `${title}: ${detail}` : title;
  return `${field ? `${field}: ` : ''}${what} (${code})`;
}
