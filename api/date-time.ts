import {
  dayOf,
  daysInMonth,
  formatInstant,
  type Instant,
  SECONDS_PER_DAY,
  type WallTime,
  type Zone,
} from '../recurrence/index.ts';

/** An RFC 3339 date-time: an instant, or without Z and offset wall time in a zone. */
export type DateTime = (
  | { readonly type: 'instant'; readonly instant: Instant }
  | { readonly type: 'wall'; readonly wall: WallTime }
) & {
  /** microseconds after that second */
  readonly micros: number;
};

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?$/i;

/**
 * Reads what `parse_moment` reads in SQL.
 * @returns the date-time, or what is wrong with the text
 */
export function readDateTime(text: string): DateTime | string {
  const match = DATE_TIME.exec(text);
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
  const micros = Number((match[7] ?? '').padEnd(6, '0'));
  const wall = dayOf(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
  const offset = match[8] === undefined ? null : readOffset(match[8]);
  if (offset === undefined) {
    return `${JSON.stringify(text.slice(0, 60))} has an offset that does not exist.`;
  }
  return offset === null
    ? { type: 'wall', wall, micros }
    : { type: 'instant', instant: wall - offset, micros };
}

/** The second of a date-time; a wall time is shifted by a gap, and the first or last of an overlap. */
export function instantOf(moment: DateTime, zone: Zone, overlap: 'first' | 'last'): Instant {
  return moment.type === 'instant'
    ? moment.instant
    : (zone.resolve(moment.wall, 'shift', overlap)[0] as Instant);
}

/** An instant as a date-time with Z, as `format_moment` in SQL writes it. */
export function formatUtc(instant: Instant, micros = 0): string {
  return `${withoutZ(instant)}${fraction(micros)}Z`;
}

/** An instant as the clock of a zone shows it, on the second pass of an overlap with its offset. */
export function formatLocal(instant: Instant, zone: Zone, micros = 0): string {
  const local = `${withoutZ(zone.wallOf(instant))}${fraction(micros)}`;
  return zone.isSecondPass(instant) ? `${local}${formatOffset(zone.offsetAt(instant))}` : local;
}

function withoutZ(seconds: number): string {
  return formatInstant(seconds).slice(0, -1);
}

function fraction(micros: number): string {
  return micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`;
}

function formatOffset(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
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
