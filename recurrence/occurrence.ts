import type { Instant, WallTime } from './calendar.ts';

/** One instance of a recurrence. */
export interface Occurrence {
  /** when, whole seconds since 1970-01-01T00:00:00Z */
  readonly instant: Instant;
  /**
   * The wall time in the event's zone that it comes from, as whole seconds since 1970-01-01T00:00:00 on that
   * clock. The truth that outlasts a new time zone database, so that it may be one that a gap shifted.
   */
  readonly wall: WallTime;
  /** whether it is the later one of a doubled wall time */
  readonly secondPass: boolean;
  /** its own length in seconds (RDATE;VALUE=PERIOD); null: as long as every other */
  readonly length: number | null;
}
