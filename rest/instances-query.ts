import type { Static } from 'typebox';
import { instantOf, readDateTime } from '../api/date-time.ts';
import type { ErrorCatalogue } from '../api/errors.ts';
import { GREATEST_PAGE, type PageRequest } from '../api/series/instance-page.ts';
import {
  beginning,
  comparePositions,
  positionBefore,
  readCursor,
  writeCursor,
} from '../api/series/position.ts';
import type { Zone } from '../recurrence/index.ts';
import type { instancesQuerySchema } from './schemas/instances.ts';

type InstancesQuery = Static<typeof instancesQuerySchema>;

/**
 * Which page of instances a query asks for.
 * @param zone of wall times
 * @throws ProblemError 400 that names the parameter
 */
export function readInstancesQuery(
  { from, to, limit, cursor }: InstancesQuery,
  zone: Zone,
  errors: ErrorCatalogue,
): PageRequest {
  const begin = from === undefined ? null : readMoment(from, 'from', zone, errors);
  const end = to === undefined ? null : readMoment(to, 'to', zone, errors);
  const first = begin ? positionBefore(begin.instant, begin.micros) : beginning;
  const last = cursor === undefined ? first : readCursor(cursor);
  if (!last) {
    const detail = 'It is of no link to a next page.';
    throw errors.refusal('bad_request', { field: 'cursor', detail });
  }
  return {
    after: comparePositions(first, last) > 0 ? first : last,
    to: end ? end.instant + end.micros / 1e6 : Number.POSITIVE_INFINITY,
    limit: limit === undefined ? null : readLimit(limit, errors),
  };
}

/** The target of a link to the next page (RFC 8288), with the other parameters as they are. */
export function nextLink(path: string, query: InstancesQuery, next: PageRequest['after']): string {
  const parameters = new URLSearchParams({ ...query, cursor: writeCursor(next) });
  return `<${path}?${parameters}>; rel="next"`;
}

function readMoment(text: string, field: string, zone: Zone, errors: ErrorCatalogue) {
  // The + of an offset that was not escaped arrives as a space.
  const moment = readDateTime(text.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (typeof moment === 'string') {
    throw errors.refusal('invalid_date_time', { field, detail: moment });
  }
  return { instant: instantOf(moment, zone, 'first'), micros: moment.micros };
}

function readLimit(text: string, errors: ErrorCatalogue): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > GREATEST_PAGE) {
    const detail = `It is not a whole number from 1 to ${GREATEST_PAGE}.`;
    throw errors.refusal('bad_request', { field: 'limit', detail });
  }
  return limit;
}
