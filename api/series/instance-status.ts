import type { RevisedOccurrence } from '../../recurrence/index.ts';
import type { EventStatus } from '../events/event-status.ts';
import type { PassedRange } from './passed-ranges.ts';
import type { StoredSeries } from './stored-series.ts';

export interface InstanceStatus {
  readonly status: EventStatus;
  readonly lastError: string | null;
}

/**
 * Where an instance that is no exception stands: passed over, else published up to the watermark, else
 * as its series, once that is final.
 */
export function statusOf(
  { event, occurrences, watermark }: Pick<StoredSeries, 'event' | 'occurrences' | 'watermark'>,
  occurrence: RevisedOccurrence,
  passed: readonly PassedRange[],
): InstanceStatus {
  const { instant } = occurrence;
  const range = passed.find(
    ({ after, until }) => (after === null || after < instant) && instant <= until,
  );
  if (range) {
    return { status: range.reason === 'missed' ? 'CANCELED' : 'FAILED', lastError: range.reason };
  }
  return occurrences.isDealtWith(occurrence, watermark)
    ? { status: 'PUBLISHED', lastError: null }
    : { status: event.status, lastError: event.lastError };
}
