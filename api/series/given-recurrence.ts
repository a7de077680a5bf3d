import {
  check,
  finishInSlices,
  type Gap,
  type Instant,
  isTellable,
  Meter,
  type Overlap,
  parse,
  RecurrenceError,
  Series,
  type WallTime,
  type Warning,
  type Zone,
  type Zones,
} from '../../recurrence/index.ts';
import { instantOf, readDateTime } from '../date-time.ts';
import type { ErrorCatalogue } from '../errors.ts';
import type { Timezones } from './timezones.ts';

/** What of an event says when it recurs, as a caller gave it; null and '' are the same as nothing. */
export interface GivenRecurrence {
  readonly scheduledAt: string;
  readonly timezone?: string | null | undefined;
  readonly recurrence: string;
  readonly gap?: string | null | undefined;
  readonly overlap?: string | null | undefined;
}

export interface CheckedRecurrence {
  readonly series: Series;
  readonly warnings: readonly Warning[];
}

const WHOLE_SECONDS = 'Recurring events have whole seconds.';
const NOT_TELLABLE = 'The instant in UTC lies outside the years 0001 to 9999.';
const GAPS: readonly string[] = ['shift', 'skip'] satisfies Gap[];
const OVERLAPS: readonly string[] = ['first', 'last', 'both'] satisfies Overlap[];

/**
 * Reads a recurrence and refuses what cannot be expanded; SQL checks no more than its grammar.
 * @param now where past occurrences end, seconds; absent: they are not counted
 * @param meter of all that is checked together, so that many small pieces of work rest, too
 * @throws ProblemError 400 that names the field
 */
export async function checkRecurrence(
  given: GivenRecurrence,
  timezones: Timezones,
  errors: ErrorCatalogue,
  now?: Instant,
  meter = new Meter(),
): Promise<CheckedRecurrence> {
  try {
    const series = await timezones.use((zones) => buildSeries(given, zones, errors));
    return { series, warnings: await finishInSlices(check(series, now, meter)) };
  } catch (error) {
    throw error instanceof RecurrenceError
      ? errors.refusal('invalid_recurrence', { field: 'recurrence', detail: error.message })
      : error;
  }
}

function buildSeries(given: GivenRecurrence, zones: Zones, errors: ErrorCatalogue): Series {
  const name = given.timezone || 'UTC';
  const zone = zones.get(name);
  if (!zone) {
    const detail = `${JSON.stringify(name.slice(0, 60))} is not known.`;
    throw errors.refusal('invalid_timezone', { field: 'timezone', detail });
  }
  const gap = readPolicy(given.gap, GAPS, 'gap', errors) as Gap | undefined;
  const overlap = readPolicy(given.overlap, OVERLAPS, 'overlap', errors) as Overlap | undefined;
  const start = readStart(given.scheduledAt, zone, errors);
  return new Series({ ruleSet: parse(given.recurrence), start, zone, zones, gap, overlap });
}

/** DTSTART: an instant becomes the wall time of its zone, which then repeats. */
function readStart(text: string, zone: Zone, errors: ErrorCatalogue): WallTime {
  const start = readDateTime(text);
  const fault = typeof start === 'string' ? start : start.micros !== 0 && WHOLE_SECONDS;
  if (typeof start === 'string' || fault) {
    throw errors.refusal('invalid_date_time', { field: 'scheduledAt', detail: fault || undefined });
  }
  if (!isTellable(instantOf(start, zone, 'first'))) {
    throw errors.refusal('invalid_date_time', { field: 'scheduledAt', detail: NOT_TELLABLE });
  }
  return start.type === 'wall' ? start.wall : zone.wallOf(start.instant);
}

function readPolicy(
  value: string | null | undefined,
  known: readonly string[],
  field: string,
  errors: ErrorCatalogue,
): string | undefined {
  if (value && !known.includes(value)) {
    const detail = `${JSON.stringify(value.slice(0, 60))} is not one of ${known.join(', ')}.`;
    throw errors.refusal('invalid_policy', { field, detail });
  }
  return value || undefined;
}
