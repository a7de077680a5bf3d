import {
  type Day,
  dayOfWall,
  type Instant,
  isTellable,
  SECONDS_PER_DAY,
  timeOfWall,
  type WallTime,
} from './calendar.ts';
import { quote, RecurrenceError } from './errors.ts';
import { limits, workLimits } from './limits.ts';
import type { Occurrence } from './occurrence.ts';
import { type AddedDate, isSubDaily, type Moment, type RuleSet } from './rule.ts';
import type { RuleContext } from './rule-series.ts';
import type { Meter, Work } from './work.ts';
import type { Gap, Overlap, Zone, Zones } from './zone.ts';

/** steps (see `workLimits`) that finding the instant of a date takes, without lookups */
const STEPS_PER_DATE = 10;

/** What RDATE adds: in order, one for each instant. */
export function* readAdded(
  ruleSet: RuleSet,
  context: RuleContext,
  zones: Zones,
  meter: Meter,
): Work<Occurrence[]> {
  const reader = new MomentReader(context, zones, context.overlap ?? 'first', 'RDATE');
  const found: Occurrence[] = [];
  for (const added of ruleSet.added) {
    found.push(...reader.occurrences(added));
    meter.steps += reader.takeSteps();
    if (meter.isDue()) {
      yield;
    }
  }
  if (ruleSet.rules.length === 0) {
    // RFC 5545 3.8.5.2: dates add to the start.
    found.push(...reader.occurrences({ start: wallMoment(context.start), period: null }));
  }
  found.sort((a, b) => a.instant - b.instant);
  return found.filter(
    ({ instant }, index) => instant !== found[index - 1]?.instant && isTellable(instant),
  );
}

/** What EXDATE excludes: single instants, and whole days in some zone. */
export class Exclusion {
  /** in order */
  readonly instants: ReadonlySet<Instant>;
  readonly days: readonly { readonly zone: Zone; readonly days: ReadonlySet<Day> }[];

  private constructor(instants: ReadonlySet<Instant>, days: Exclusion['days']) {
    this.instants = instants;
    this.days = days;
  }

  static *read(
    ruleSet: RuleSet,
    context: RuleContext,
    zones: Zones,
    meter: Meter,
  ): Work<Exclusion> {
    // Of a wall time that gives two instances both are meant.
    const isClock = ruleSet.rules.some((rule) => isSubDaily(rule.frequency));
    const overlap = context.overlap ?? (isClock ? 'both' : 'first');
    const reader = new MomentReader(context, zones, overlap, 'EXDATE');
    const instants = new Set<Instant>();
    const days = new Map<Zone, Set<Day>>();
    for (const moment of ruleSet.excluded) {
      if (moment.type === 'date') {
        const zone = reader.zoneOf(moment.timezone);
        days.set(zone, (days.get(zone) ?? new Set()).add(moment.day));
      } else {
        for (const instant of reader.instants(moment)) {
          instants.add(instant);
        }
      }
      meter.steps += reader.takeSteps();
      if (meter.isDue()) {
        yield;
      }
    }
    return new Exclusion(
      new Set([...instants].sort((a, b) => a - b)),
      [...days].map(([zone, set]) => ({ zone, days: set })),
    );
  }

  has(instant: Instant): boolean {
    return (
      this.instants.has(instant) ||
      this.days.some(({ zone, days }) => days.has(dayOfWall(zone.wallOf(instant))))
    );
  }
}

/** Finds the instants of dates as they were written. */
class MomentReader {
  readonly #start: WallTime;
  readonly #zone: Zone;
  readonly #zones: Zones;
  readonly #gap: Gap;
  readonly #overlap: Overlap;
  readonly #property: string;
  readonly #named = new Map<string, Zone>();
  #lookups: number;

  constructor({ start, zone, gap }: RuleContext, zones: Zones, overlap: Overlap, property: string) {
    this.#start = start;
    this.#zone = zone;
    this.#zones = zones;
    this.#gap = gap;
    this.#overlap = overlap;
    this.#property = property;
    this.#lookups = zone.lookups;
  }

  /** The work that reading one took since the last time. */
  takeSteps(): number {
    let lookups = this.#zone.lookups;
    for (const zone of this.#named.values()) {
      lookups += zone === this.#zone ? 0 : zone.lookups;
    }
    // What a zone had looked up before it was named here counts, too: once, and only brings a rest forward.
    const steps = STEPS_PER_DATE + (lookups - this.#lookups) * workLimits.lookup;
    this.#lookups = lookups;
    return steps;
  }

  /** @throws RecurrenceError `unknown_timezone` or `too_large` */
  zoneOf(timezone: string | null): Zone {
    if (timezone === null) {
      return this.#zone;
    }
    const zone = this.#named.get(timezone) ?? this.#zones.get(timezone);
    if (!zone) {
      const problem = `of ${this.#property} is ${quote(timezone)}, no known time zone`;
      const remedy = 'Write UTC or an IANA name like Asia/Tokyo.';
      throw new RecurrenceError('unknown_timezone', 'TZID', problem, remedy);
    }
    this.#named.set(timezone, zone);
    if (this.#named.size > limits.zones) {
      const remedy = `At most ${limits.zones} different ones are taken.`;
      throw new RecurrenceError('too_large', 'TZID', 'names too many zones', remedy);
    }
    return zone;
  }

  instants(moment: Moment): Instant[] {
    if (moment.type === 'instant') {
      return [moment.instant];
    }
    return this.zoneOf(moment.timezone).resolve(this.#wallOf(moment), this.#gap, this.#overlap);
  }

  #wallOf(moment: Exclude<Moment, { type: 'instant' }>): WallTime {
    // A date is that day at the start's time: what is finer comes from DTSTART.
    return moment.type === 'wall'
      ? moment.wall
      : moment.day * SECONDS_PER_DAY + timeOfWall(this.#start);
  }

  /** What the event's own clock shows then, null: it was not given by that clock. */
  #ownWall(moment: Moment): WallTime | null {
    const isOwn = moment.type !== 'instant' && this.zoneOf(moment.timezone) === this.#zone;
    return isOwn ? this.#wallOf(moment) : null;
  }

  /** @throws RecurrenceError `contradiction` when a period ends before it begins */
  occurrences({ start, period }: AddedDate): Occurrence[] {
    const wall = this.#ownWall(start);
    return this.instants(start).map((instant) => {
      const length = period && this.#endOf(instant, start, period) - instant;
      if (length !== null && length <= 0) {
        const remedy = 'A period ends after its start.';
        throw new RecurrenceError('contradiction', 'RDATE', 'has a period that ends early', remedy);
      }
      return {
        instant,
        wall: wall ?? this.#zone.wallOf(instant),
        secondPass: this.#zone.isSecondPass(instant),
        fixed: wall === null,
        length,
      };
    });
  }

  #endOf(instant: Instant, start: Moment, period: NonNullable<AddedDate['period']>): Instant {
    if (period.type === 'until') {
      return this.#endInstant(period.end);
    }
    const zone = start.type === 'instant' ? null : this.zoneOf(start.timezone);
    const days = period.days * SECONDS_PER_DAY;
    const afterDays =
      zone && days > 0
        ? (zone.resolve(zone.wallOf(instant) + days, 'shift', 'first')[0] as Instant)
        : instant + days;
    return afterDays + period.seconds;
  }

  #endInstant(end: Moment): Instant {
    const instants =
      end.type === 'wall'
        ? this.zoneOf(end.timezone).resolve(end.wall, 'shift', 'last')
        : this.instants(end);
    return instants[0] as Instant;
  }
}

function wallMoment(wall: WallTime): Moment {
  return { type: 'wall', wall, timezone: null };
}
