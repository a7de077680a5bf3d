import { formatInstant, type Instant } from '../../recurrence/index.ts';
import { readDateTime } from '../date-time.ts';

/** The id of an instance: its series and its original start. */
export interface InstanceId {
  readonly type: 'instance';
  /** in its canonical spelling */
  readonly id: string;
  readonly seriesId: string;
  readonly instant: Instant;
}

export type EventId = { readonly type: 'event'; readonly id: string } | InstanceId;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIMESTAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/i;

/** Reads `<uuid>` or `<uuid>_<YYYYMMDDTHHMMSSZ>`; null: it is neither. */
export function readEventId(text: string): EventId | null {
  const uuid = text.slice(0, 36);
  if (!UUID.test(uuid)) {
    return null;
  }
  if (text.length === 36) {
    return { type: 'event', id: uuid.toLowerCase() };
  }
  const [, year, month, day, hour, minute, second] = TIMESTAMP.exec(text.slice(37)) ?? [];
  const start = readDateTime(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (text[36] !== '_' || typeof start === 'string' || start.type !== 'instant') {
    return null;
  }
  return makeInstanceId(uuid.toLowerCase(), start.instant);
}

export function makeInstanceId(seriesId: string, instant: Instant): InstanceId {
  const timestamp = formatInstant(instant).replaceAll(/[-:]/g, '');
  return { type: 'instance', id: `${seriesId}_${timestamp}`, seriesId, instant };
}
