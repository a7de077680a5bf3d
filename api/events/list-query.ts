import { formatUtc } from '../date-time.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { checkLimit, readMoment, refuseCursor } from '../query.ts';
import { readEventId } from './event-id.ts';
import type { EventStatus } from './event-status.ts';
import type { EventFilter } from './list-events.ts';

/** Parameters of a list. */
export interface ListQuery {
  readonly status?: EventStatus;
  readonly destinationTopic?: string;
  readonly from?: string;
  readonly to?: string;
  readonly recurrenceId?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const DEFAULT_LIMIT = 100;

interface ListRequest {
  readonly filter: EventFilter;
  /** id after which the page begins; '': it is the first */
  readonly after: string;
  readonly limit: number;
}

/**
 * Which page of events a query asks for.
 * @throws ProblemError 400 that names the parameter
 */
export function readListQuery(
  { status, destinationTopic, from, to, recurrenceId, limit = DEFAULT_LIMIT, cursor }: ListQuery,
  errors: ErrorCatalogue,
): ListRequest {
  return {
    filter: {
      status: status ?? null,
      destinationTopic: destinationTopic === undefined ? null : readTopic(destinationTopic, errors),
      from: from === undefined ? null : readInstant(from, 'from', errors),
      to: to === undefined ? null : readInstant(to, 'to', errors),
      recurrenceId: recurrenceId === undefined ? null : readSeriesId(recurrenceId, errors),
    },
    after: cursor === undefined ? '' : readCursor(cursor, errors),
    limit: checkLimit(limit, errors),
  };
}

/** Opaque text for a link. */
export function writeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function readCursor(text: string, errors: ErrorCatalogue): string {
  const id = Buffer.from(text, 'base64url').toString('latin1');
  return readEventId(id)?.id === id && writeCursor(id) === text ? id : refuseCursor(errors);
}

/** Seconds of the first and the last instant that a date-time of four digits can have in UTC. */
const [FIRST, LAST] = [-62_135_596_800, 253_402_300_799];

/** A time without Z or offset is UTC's: there is no zone that all events have. */
function readInstant(text: string, field: string, errors: ErrorCatalogue): string {
  const moment = readMoment(text, field, errors);
  const instant = moment.type === 'instant' ? moment.instant : moment.wall;
  if (instant < FIRST || instant > LAST) {
    const detail = 'The instant in UTC lies outside the years 0001 to 9999.';
    throw errors.refusal('invalid_date_time', { field, detail });
  }
  return formatUtc(instant, moment.micros);
}

/** Kafka's rule alone: an event may be for a topic that is not to be scheduled to any more. */
function readTopic(text: string, errors: ErrorCatalogue): string {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(text)) {
    const detail = `${JSON.stringify(text.slice(0, 60))} is no name of a topic.`;
    throw errors.refusal('invalid_topic', { field: 'destinationTopic', detail });
  }
  return text;
}

function readSeriesId(text: string, errors: ErrorCatalogue): string {
  const known = readEventId(text);
  if (known?.type !== 'event') {
    const detail = `${JSON.stringify(text.slice(0, 60))} is no id of a series.`;
    throw errors.refusal('invalid_id', { field: 'recurrenceId', detail });
  }
  return known.id;
}
