import type { RevisedOccurrence } from '../../recurrence/index.ts';
import { formatLocal, formatUtc } from '../date-time.ts';
import { makeInstanceId } from '../events/event-id.ts';
import type { EventRow } from '../events/event-row.ts';
import { statusOf } from './instance-status.ts';
import type { PassedRange } from './passed-ranges.ts';
import type { StoredSeries } from './stored-series.ts';

/** An instance that is no exception: all that it has is its series'. */
export function instanceRow(
  series: StoredSeries,
  occurrence: RevisedOccurrence,
  place: number | null,
  passed: readonly PassedRange[],
): EventRow {
  const { event } = series;
  const { instant } = occurrence;
  const revision = series.revisions.find(({ number }) => number === occurrence.revision);
  const timezone = revision?.timezone ?? event.timezone;
  const { status, lastError } = statusOf(series, occurrence, passed);
  return {
    ...event,
    id: makeInstanceId(event.id, instant).id,
    scheduledAt: formatMoment(series, timezone, instant, 0, series.startsAsInstant),
    scheduledInstant: formatUtc(instant),
    timezone,
    endsAt: endOf(series, timezone, occurrence),
    recurrence: null,
    status,
    retry: 0,
    lastError,
    recurrenceId: event.id,
    occurrence: place,
    publishedAt: null,
    nextAt: status === 'SCHEDULED' ? formatUtc(instant) : null,
  };
}

function endOf(
  series: StoredSeries,
  timezone: string,
  { instant, length: own }: RevisedOccurrence,
): string | null {
  const length = own ?? series.length;
  if (length === null) {
    return null;
  }
  const seconds = Math.floor(length);
  const micros = Math.round((length - seconds) * 1e6);
  const asInstant = series.length === null ? series.startsAsInstant : series.endsAsInstant;
  return formatMoment(series, timezone, instant + seconds, micros, asInstant);
}

/** In the form in which its series was given. */
function formatMoment(
  { zones }: StoredSeries,
  timezone: string,
  instant: number,
  micros: number,
  asInstant: boolean,
): string {
  const zone = asInstant ? undefined : zones.get(timezone);
  return zone ? formatLocal(instant, zone, micros) : formatUtc(instant, micros);
}
