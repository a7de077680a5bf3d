import type { WallTime } from '../calendar.ts';
import type { Meter, Work } from '../work.ts';

/** Where the candidates of a rule come from, as wall times, before COUNT, UNTIL and clock changes. */
export interface WallSource {
  /** @returns a cursor at the first candidate in `[wall, end)`; some at or after `end` may come, too */
  from(wall: WallTime, end: WallTime): WallCursor;
  /** How many candidates lie in `[from, to)`. Rests; the caller bounds it by the meter. */
  count(from: WallTime, to: WallTime, meter: Meter): Work<number>;
  /** Whether it is certain, without looking at dates one by one, that there is no candidate at all. */
  isNever(meter: Meter): boolean;
}

export interface WallCursor {
  /**
   * The next candidates in order, at most `most`. May be empty, so that a call never takes long: ask again.
   * @returns null when there are no more
   */
  pull(most: number, meter: Meter): WallTime[] | null;
}
