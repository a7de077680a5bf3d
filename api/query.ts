import { type DateTime, readDateTime } from './date-time.ts';
import type { ErrorCatalogue } from './errors.ts';

/** What the queries of lists have in common. Each reader throws a ProblemError 400 that names the parameter, as REST has it. */

/** @param field name of the parameter */
export function readMoment(text: string, field: string, errors: ErrorCatalogue): DateTime {
  // The + of an offset that was not escaped arrives as a space.
  const moment = readDateTime(text.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (typeof moment === 'string') {
    throw errors.refusal('invalid_date_time', { field, detail: moment });
  }
  return moment;
}

/** What a page of any list has at most. */
export const GREATEST_PAGE = 1_000;

/** @param field what the caller knows it as */
export function checkLimit(limit: number, errors: ErrorCatalogue, field = 'limit'): number {
  if (limit < 1 || limit > GREATEST_PAGE) {
    const detail = `It is not between 1 and ${GREATEST_PAGE}.`;
    throw errors.refusal('bad_request', { field, detail });
  }
  return limit;
}

/** @throws ProblemError 400 */
export function refuseCursor(errors: ErrorCatalogue): never {
  const detail = 'It is of no link to a next page.';
  throw errors.refusal('bad_request', { field: 'cursor', detail });
}
