import {
  dayOf,
  daysInMonth,
  type Instant,
  SECONDS_PER_DAY,
  type WallTime,
} from '../recurrence/index.ts';

/** An RFC 3339 date-time of whole seconds: an instant, or without Z and offset wall time in a zone. */
export type DateTime =
  | { readonly type: 'instant'; readonly instant: Instant }
  | { readonly type: 'wall'; readonly wall: WallTime };

/**
 * Reads what `parse_moment` reads in SQL, less its fractions of a second.
 * @returns the date-time, or what is wrong with the text
 */
export function readDateTime(text: string): DateTime | string {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?$/i.exec(
    text,
  );
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!match || year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) {
    return `${JSON.stringify(text.slice(0, 60))} is not a date-time.`;
  }
  if (day < 1 || day > daysInMonth(year, month)) {
    return `${text.slice(0, 7)} has no day ${day}.`;
  }
  if (Number(match[7] ?? 0) !== 0) {
    return 'Recurring events have whole seconds.';
  }
  const wall = dayOf(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
  const offset = match[8] === undefined ? null : readOffset(match[8]);
  if (offset === undefined) {
    return `${JSON.stringify(text.slice(0, 60))} has an offset that does not exist.`;
  }
  return offset === null ? { type: 'wall', wall } : { type: 'instant', instant: wall - offset };
}

/** Seconds east of UTC. */
function readOffset(text: string): number | undefined {
  if (text.toUpperCase() === 'Z') {
    return 0;
  }
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4))];
  const size = hours * 3600 + minutes * 60;
  return hours > 23 || minutes > 59 ? undefined : text.startsWith('-') ? -size : size;
}
