import { formatUtc } from '../date-time.ts';
import type { ErrorCatalogue } from '../errors.ts';
import { readLimit, readMoment, refuseCursor } from '../query.ts';
import { readEventId } from './event-id.ts';
import type { EventStatus } from './event-status.ts';
import { type EventFilter, GREATEST_LIST } from './list-events.ts';

/** Parameters of a list, as texts. */
export interface ListQuery {
  readonly status?: EventStatus;
  readonly destinationTopic?: string;
  readonly from?: string;
  readonly to?: string;
  readonly recurrenceId?: string;
  readonly limit?: string;
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
  { status, destinationTopic, from, to, recurrenceId, limit, cursor }: ListQuery,
  errors: ErrorCatalogue,
): ListRequest {
  return {
    filter: {
      status: status ?? null,
      destinationTopic: destinationTopic ?? null,
      from: from === undefined ? null : readInstant(from, 'from', errors),
      to: to === undefined ? null : readInstant(to, 'to', errors),
      recurrenceId: recurrenceId === undefined ? null : readSeriesId(recurrenceId, errors),
    },
    after: cursor === undefined ? '' : readCursor(cursor, errors),
    limit: limit === undefined ? DEFAULT_LIMIT : readLimit(limit, GREATEST_LIST, errors),
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

/** A time without Z or offset is UTC's: there is no zone that all events have. */
function readInstant(text: string, field: string, errors: ErrorCatalogue): string {
  const moment = readMoment(text, field, errors);
  return formatUtc(moment.type === 'instant' ? moment.instant : moment.wall, moment.micros);
}

function readSeriesId(text: string, errors: ErrorCatalogue): string {
  const known = readEventId(text);
  if (known?.type !== 'event') {
    const detail = `${JSON.stringify(text.slice(0, 60))} is no id of a series.`;
    throw errors.refusal('invalid_id', { field: 'recurrenceId', detail });
  }
  return known.id;
}
