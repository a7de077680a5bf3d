import type { Zone } from '../../recurrence/index.ts';
import { instantOf } from '../date-time.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { checkLimit, readMoment, refuseCursor } from '../query.ts';
import type { PageRequest } from './instance-page.ts';
import { beginning, comparePositions, positionBefore, readCursor } from './position.ts';

/** Parameters of a page of instances. */
export interface InstancesQuery {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

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
  const begin = from === undefined ? null : readInstant(from, 'from', zone, errors);
  const end = to === undefined ? null : readInstant(to, 'to', zone, errors);
  const first = begin ? positionBefore(begin.instant, begin.micros) : beginning;
  const last = cursor === undefined ? first : (readCursor(cursor) ?? refuseCursor(errors));
  return {
    after: comparePositions(first, last) > 0 ? first : last,
    to: end ? end.instant + end.micros / 1e6 : Number.POSITIVE_INFINITY,
    limit: limit === undefined ? null : checkLimit(limit, errors),
  };
}

function readInstant(text: string, field: string, zone: Zone, errors: ErrorCatalogue) {
  const moment = readMoment(text, field, errors);
  return { instant: instantOf(moment, zone, 'first'), micros: moment.micros };
}
