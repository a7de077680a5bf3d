import type { IANAZone } from 'luxon';

/** Milliseconds since the epoch at which the offset of a zone changes, with the offsets around it. */
export interface OffsetChange {
  readonly at: number;
  /** ms */
  readonly before: number;
  /** ms */
  readonly after: number;
}

const DAY = 86_400_000;
const begin = Date.UTC(1970, 0, 1);
const end = Date.UTC(2038, 0, 1);
/** Two changes within one step would be taken for none or one; none known lie nearer than four weeks. */
const step = 14 * DAY;

/** Offset from UTC in ms that luxon knows. */
export function offsetOf(zone: IANAZone, at: number): number {
  return Math.round(zone.offset(at) * 60_000);
}

/** Every offset change from 1970 to 2037 that luxon knows. */
export function offsetChanges(zone: IANAZone): OffsetChange[] {
  const changes: OffsetChange[] = [];
  let before = offsetOf(zone, begin);
  for (let from = begin; from < end; from += step) {
    const after = offsetOf(zone, from + step);
    if (after !== before)
      changes.push({ at: changeWithin(zone, from, from + step), before, after });
    before = after;
  }
  return changes;
}

/** The first second of the new offset. */
function changeWithin(zone: IANAZone, from: number, to: number): number {
  const before = offsetOf(zone, from);
  let [same, other] = [from / 1_000, to / 1_000];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (offsetOf(zone, middle * 1_000) === before) same = middle;
    else other = middle;
  }
  return other * 1_000;
}

/** Local times (ms, as if UTC) at and around a change: an hour off, at its edges, and inside. */
export function localTimesAround({ at, before, after }: OffsetChange): number[] {
  const [low, high] = [at + Math.min(before, after), at + Math.max(before, after)];
  const hour = 3_600_000;
  return [low - hour, low - 1_000, low, (low + high) / 2, high - 1_000, high, high + hour];
}

/** The instants of a local time, by the algorithm of recurrence.md, "luxon: how to use it". */
export function resolve(zone: IANAZone, local: number): { first: number; last: number } {
  const [a, b] = [offsetOf(zone, local - DAY), offsetOf(zone, local + DAY)];
  const candidates = [local - a, local - b].filter((at) => at + offsetOf(zone, at) === local);
  if (candidates.length === 0) return { first: local - a, last: local - a };
  return { first: Math.min(...candidates), last: Math.max(...candidates) };
}

/** An alias and its zone have the same changes: their name here is the same. */
export function canonical(name: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
}
