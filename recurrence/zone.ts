import { IANAZone } from 'luxon';
import { CYCLE, dayOf, type Instant, SECONDS_PER_DAY, type WallTime } from './calendar.ts';
import { workLimits } from './limits.ts';
import type { Meter, Work } from './work.ts';

/** What a wall time means that a clock change skips: the time as much later, or no time at all. */
export type Gap = 'shift' | 'skip';
/** What a wall time means that a clock change repeats. */
export type Overlap = 'first' | 'last' | 'both';

/** A moment at which the offset of a zone changes. */
export interface Transition {
  /** the first instant with the new offset */
  readonly at: Instant;
  /** seconds east of UTC */
  readonly before: number;
  readonly after: number;
}

/**
 * Offsets are sought at the edges of stretches of such lengths, of a shorter one only where they differ. Since
 * 1970 no zone kept an offset for less than 6.9 days (Asia/Gaza, America/Recife), nor will one for less
 * than 126 after 2100, so that no change hides in a stretch. It saves most lookups, which take 4 µs each.
 */
const STRETCHES = [6 * SECONDS_PER_DAY, SECONDS_PER_DAY, 3600, 60, 1];
const FAR_STRETCHES = [100 * SECONDS_PER_DAY, ...STRETCHES];
const FAR: Instant = dayOf(2100, 1, 1) * SECONDS_PER_DAY;
/** From FAR on zones follow rules of months and weekdays, which repeat with the calendar. */
const REPEATS = CYCLE.days * SECONDS_PER_DAY;
/** Standard time was introduced later everywhere. */
const FIRST_CHANGES: Instant = dayOf(1830, 1, 1) * SECONDS_PER_DAY;
const GREATEST_MEMO = 200_000;

/** A time zone of the tz database, with the offsets that it was asked for. */
export class Zone {
  readonly name: string;
  readonly #zone: IANAZone;
  readonly #edges = new Map<Instant, number>();
  #lookups = 0;

  constructor(name: string) {
    this.name = name;
    this.#zone = IANAZone.create(name);
  }

  /** How many offsets were not remembered; each costs `workLimits.lookup` steps. */
  get lookups(): number {
    return this.#lookups;
  }

  /** Seconds east of UTC. */
  offsetAt(instant: Instant): number {
    const near = instant < FAR + REPEATS ? instant : FAR + ((instant - FAR) % REPEATS);
    for (const length of near < FAR ? STRETCHES : FAR_STRETCHES) {
      const start = Math.floor(near / length) * length;
      const before = this.#edge(start);
      if (length === 1 || before === this.#edge(start + length)) {
        return before;
      }
    }
    throw new Error('the last stretch is one second long');
  }

  wallOf(instant: Instant): WallTime {
    return instant + this.offsetAt(instant);
  }

  /** Whether it is the later of the two instants of a wall time. */
  isSecondPass(instant: Instant): boolean {
    const wall = this.wallOf(instant);
    return this.resolve(wall, 'skip', 'first')[0] !== instant;
  }

  /**
   * The instants of a wall time, in order: none in a gap that is skipped, two of both passes of an
   * overlap, otherwise one. By the offsets a day before and after, as Temporal's `compatible` and as
   * resolve_local in SQL; luxon itself answers with today's offset (moment/luxon 1665).
   */
  resolve(wall: WallTime, gap: Gap, overlap: Overlap): Instant[] {
    const before = this.offsetAt(wall - SECONDS_PER_DAY);
    const after = this.offsetAt(wall + SECONDS_PER_DAY);
    return before === after ? [wall - before] : this.resolveNear(wall, before, after, gap, overlap);
  }

  /** The same near a change; `before` and `after` are the offsets a day before and after. */
  resolveNear(
    wall: WallTime,
    before: number,
    after: number,
    gap: Gap,
    overlap: Overlap,
  ): Instant[] {
    const candidates = [wall - before, wall - after].filter((at) => this.wallOf(at) === wall);
    const [one, other] = candidates;
    if (one === undefined) {
      return gap === 'skip' ? [] : [wall - before];
    }
    if (other === undefined || other === one) {
      return [one];
    }
    const [first, last] = one < other ? [one, other] : [other, one];
    return overlap === 'both' ? [first, last] : [overlap === 'first' ? first : last];
  }

  /** The changes in `[from, to)`, in order. */
  *transitions(from: Instant, to: Instant, meter: Meter): Work<Transition[]> {
    const found: Transition[] = [];
    let start = Math.max(from, FIRST_CHANGES);
    while (start < to) {
      const length = (start < FAR ? STRETCHES : FAR_STRETCHES)[0] as number;
      start = Math.floor(start / length) * length;
      const end = start + length;
      if (meter.isDue()) {
        yield;
      }
      const lookups = this.#lookups;
      const [before, after] = [this.#edge(start), this.#edge(end)];
      meter.steps += 1 + (this.#lookups - lookups) * workLimits.lookup;
      if (before !== after) {
        const at = this.#changeBetween(start, end, before);
        if (at >= from && at < to) {
          found.push({ at, before, after });
        }
      }
      start = end;
    }
    return found;
  }

  #changeBetween(start: Instant, end: Instant, before: number): Instant {
    let [low, high] = [start, end];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === before) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  #edge(instant: Instant): number {
    let offset = this.#edges.get(instant);
    if (offset === undefined) {
      if (this.#edges.size >= GREATEST_MEMO) {
        this.#edges.clear();
      }
      offset = this.#lookUp(instant);
      this.#lookups += 1;
      this.#edges.set(instant, offset);
    }
    return offset;
  }

  #lookUp(instant: Instant): number {
    // Minutes, with a fraction where local mean time had seconds.
    return Math.round(this.#zone.offset(instant * 1000) * 60);
  }
}

/** The zones that a recurrence may name. Keep one for long: each zone remembers its offsets. */
export class Zones {
  readonly #zones = new Map<string, Zone>();
  readonly #isKnown: (name: string) => boolean;

  /** @param isKnown whether a name that Node knows may be used; by default all may */
  constructor(isKnown: (name: string) => boolean = () => true) {
    this.#isKnown = isKnown;
  }

  /**
   * `UTC` or an Area/Location name of the tz database; undefined for all else. Node alone would take
   * `EST`, `+09:00` and `asia/tokyo`.
   */
  get(name: string): Zone | undefined {
    let zone = this.#zones.get(name);
    if (!zone && isAreaAndLocation(name) && this.#isKnown(name) && IANAZone.isValidZone(name)) {
      zone = new Zone(name);
      this.#zones.set(name, zone);
    }
    return zone;
  }
}

/** Each word of a name begins with a capital, but for a few little ones: Port_of_Spain, Dumont-d'Urville's, GMT+3. */
function isAreaAndLocation(name: string): boolean {
  return name === 'UTC' || /^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)+$/.test(name);
}
