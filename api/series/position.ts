import { type DateTime, formatUtc, readDateTime } from '../date-time.ts';
import type { EventRow } from '../events/event-row.ts';
import type { Position } from './exceptions.ts';

/** Before everything. */
export const beginning: Position = { at: '0001-01-01T00:00:00.000000', id: '' };
/** After everything: an offset puts an instant into years that have no text. */
const end: Position = { at: '9999-12-31T23:59:59.999999', id: '~' };

/** Before every instance at an instant. */
export function positionBefore(instant: number, micros: number): Position {
  if (instant < secondOf(beginning)) {
    return beginning;
  }
  return instant > secondOf(end) ? end : { at: toKey(formatUtc(instant, micros)), id: '' };
}

export function positionOf({ scheduledInstant, id }: EventRow): Position {
  return { at: toKey(scheduledInstant), id };
}

/** Negative, zero or positive, as for `sort`. */
export function comparePositions(a: Position, b: Position): number {
  return compare(a.at, b.at) || compare(a.id, b.id);
}

/** The second that a position lies in. */
export function secondOf({ at }: Position): number {
  const moment = readDateTime(`${at}Z`) as DateTime & { type: 'instant' };
  return moment.instant;
}

/** Opaque text for a link. */
export function writeCursor({ at, id }: Position): string {
  return Buffer.from(`${at} ${id}`).toString('base64url');
}

/** @returns undefined for what `writeCursor` did not write */
export function readCursor(text: string): Position | undefined {
  const [at = '', id = ''] = Buffer.from(text, 'base64url').toString('latin1').split(' ', 2);
  const isAt = /\.\d{6}$/.test(at) && typeof readDateTime(`${at}Z`) !== 'string';
  const position = { at, id };
  return isAt && /^[\w-]{0,60}$/.test(id) && writeCursor(position) === text ? position : undefined;
}

/** `2025-04-15T01:00:00.5Z` as text that is in order when instants are. */
function toKey(instant: string): string {
  return `${instant.slice(0, 19)}.${instant.slice(20, -1).padEnd(6, '0')}`;
}

/** By code units, as collation "C". */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
