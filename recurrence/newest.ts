import type { Instant } from './calendar.ts';
import type { Occurrence } from './occurrence.ts';
import type { Series } from './series.ts';
import type { Meter, Work } from './work.ts';

/**
 * The newest occurrence from an instant (inclusive) to another (exclusive, whole seconds). By halves, so that
 * it takes as many looks for the first one as the seconds of the window have digits, however many there are.
 */
export function* newestBetween(
  series: Series,
  from: Instant,
  to: Instant,
  meter: Meter,
): Work<Occurrence | null> {
  let newest = yield* firstBetween(series, from, to, meter);
  let end = to;
  while (newest && end - newest.instant > 1) {
    const middle: Instant = newest.instant + Math.ceil((end - newest.instant) / 2);
    const later = yield* firstBetween(series, middle, end, meter);
    if (later) {
      newest = later;
    } else {
      end = middle;
    }
  }
  return newest;
}

function* firstBetween(
  series: Series,
  from: Instant,
  to: Instant,
  meter: Meter,
): Work<Occurrence | null> {
  if (from >= to) {
    return null;
  }
  return (yield* series.between(from, to, 1, meter)).occurrences[0] ?? null;
}
