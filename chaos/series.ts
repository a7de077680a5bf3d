import type { EventVersion, Rule } from './history.ts';

/** When a series occurs by its rule, in ms since the epoch; none for an event that is no series. */
export function startsOf({ instant, rule }: EventVersion): number[] {
  if (!rule) return [];
  const all = Array.from({ length: rule.count }, (_, i) => instant + i * rule.interval * 1000);
  return all.filter((start) => !rule.excluded.includes(start));
}

/** The content lines of a rule (RFC 5545), as callers send them. */
export function recurrenceOf({ interval, count, excluded }: Rule): string {
  const every = `RRULE:FREQ=SECONDLY;INTERVAL=${interval};COUNT=${count}`;
  return [every, ...excluded.map((instant) => `EXDATE:${basicTime(instant)}`)].join('\n');
}

export function instanceId(seriesId: string, instant: number): string {
  return `${seriesId}_${basicTime(instant)}`;
}

/** The series that an id names an instance of; null: it names none. */
export function seriesOfInstance(id: string): string | null {
  const at = id.indexOf('_');
  return at < 0 ? null : id.slice(0, at);
}

/** @returns ms since the epoch of the original start that an instance's id says */
export function originalInstant(id: string): number {
  const [, year, month, day, hour, minute, second] =
    /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(id) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** @param instant in whole seconds */
function basicTime(instant: number): string {
  return new Date(instant).toISOString().replace(/[-:]|\.000/g, '');
}
