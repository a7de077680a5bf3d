import type { ErrorCatalogue } from '../api/errors.ts';
import type { EventRow } from '../api/events/event-row.ts';

/** Bytes of payload, in Base64, that one answer may have: aliases are many, and each may be a page of 8 MB. */
const ANSWER_BYTES = 16 * 1024 * 1024;

/** What an answer may still take. One for each operation. */
export class Budget {
  #left = ANSWER_BYTES;

  /**
   * @returns the events
   * @throws ProblemError 400 when there is no room for them any more
   */
  spend<Events extends readonly EventRow[]>(events: Events, errors: ErrorCatalogue): Events {
    for (const { payload } of events) {
      this.#left -= ((payload?.length ?? 0) * 4) / 3;
    }
    if (this.#left < 0) {
      const detail = `The payloads of its answer have more than ${ANSWER_BYTES} bytes.`;
      throw errors.refusal('query_too_complex', { detail });
    }
    return events;
  }
}
