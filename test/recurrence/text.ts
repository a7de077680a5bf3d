import {
  finish,
  formatInstant,
  type Gap,
  type Instant,
  type Overlap,
  parse,
  Series,
  type WallTime,
  Zones,
} from '../../recurrence/index.ts';

/** For tests that do not care how much their zones remember. */
export const zones = new Zones();

export interface SeriesText {
  /** local, `20250308T090000` */
  readonly start: string;
  readonly timezone: string;
  /** RRULE, RDATE and EXDATE lines */
  readonly recurrence: string;
  readonly gap?: Gap;
  readonly overlap?: Overlap;
}

export function seriesOf({ start, timezone, recurrence, gap, overlap }: SeriesText): Series {
  const zone = zones.get(timezone);
  if (!zone) {
    throw new Error(`no zone ${timezone}`);
  }
  return new Series({
    ruleSet: parse(recurrence),
    start: secondsOf(start),
    zone,
    zones,
    gap,
    overlap,
  });
}

/** The first occurrences as `20250308T140000Z`. */
export function firstInstants(text: SeriesText, limit = 50): string[] {
  return instantsBetween(seriesOf(text), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, limit);
}

export function instantsBetween(series: Series, from: Instant, to: Instant, limit = 50): string[] {
  return finish(series.between(from, to, limit)).occurrences.map(({ instant }) => basic(instant));
}

/** `20250308T140000Z` */
function basic(instant: Instant): string {
  return formatInstant(instant).replace(/[-:]/g, '');
}

/** Seconds since 1970 of `20250308T090000`, with or without Z: on the wall or in UTC. */
export function secondsOf(text: string): WallTime {
  const [date, time] = [text.slice(0, 8), text.slice(9, 15)];
  const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`;
  return Date.parse(iso) / 1000;
}
