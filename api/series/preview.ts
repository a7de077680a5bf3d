import { finishInSlices, formatInstant, type Instant, type Zone } from '../../recurrence/index.ts';
import { instantOf, readDateTime } from '../date-time.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { checkLimit } from '../query.ts';
import { checkRecurrence, type GivenRecurrence } from './given-recurrence.ts';
import type { Timezones } from './timezones.ts';
import { describeWarnings, type WarningText } from './warnings.ts';

export interface PreviewRequest extends GivenRecurrence {
  /** RFC 3339 date-time; a wall time is in the recurrence's zone */
  readonly from?: string | null | undefined;
  /** 1 to 1,000, default 100 */
  readonly limit?: number | null | undefined;
}

export interface Preview {
  /** in UTC */
  readonly occurrences: string[];
  /** whether there are no more than these */
  readonly complete: boolean;
  readonly warnings: WarningText[];
}

const DEFAULT_LIMIT = 100;
const BEGINNING: Instant = Number.NEGATIVE_INFINITY;

/**
 * Tells what a recurrence means, before anything is stored.
 * @param now where past occurrences end, seconds
 * @param limitField what the caller knows `limit` as
 * @throws ProblemError 400 that names the field
 */
export async function previewRecurrence(
  request: PreviewRequest,
  timezones: Timezones,
  errors: ErrorCatalogue,
  now: Instant,
  limitField = 'limit',
): Promise<Preview> {
  const limit = checkLimit(request.limit ?? DEFAULT_LIMIT, errors, limitField);
  if (request.recurrence === '') {
    const detail = 'It is missing.';
    throw errors.refusal('invalid_recurrence', { field: 'recurrence', detail });
  }
  const { series, warnings } = await checkRecurrence(request, timezones, errors, now);
  const from = request.from ? readFrom(request.from, series.zone, errors) : BEGINNING;
  const page = await finishInSlices(series.between(from, Number.POSITIVE_INFINITY, limit));
  return {
    occurrences: page.occurrences.map(({ instant }) => formatInstant(instant)),
    complete: page.complete,
    warnings: describeWarnings(warnings),
  };
}

/** Seconds; a wall time is in the zone. */
function readFrom(text: string, zone: Zone, errors: ErrorCatalogue): number {
  const moment = readDateTime(text);
  if (typeof moment === 'string') {
    throw errors.refusal('invalid_date_time', { field: 'from', detail: moment });
  }
  return instantOf(moment, zone, 'first') + moment.micros / 1e6;
}
