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
  /**
   * Whether it was given as an instant, or in another zone than the event's (RDATE with Z or TZID). A new
   * time zone database then moves its wall time, not its instant.
   */
  readonly fixed: boolean;
  /** its own length in seconds (RDATE;VALUE=PERIOD); null: as long as every other */
  readonly length: number | null;
}
