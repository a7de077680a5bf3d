/** What one recurrence may hold. More is refused with `too_large` before anything is read. */
export const limits = {
  /** UTF-16 units; 10,000 dates fit */
  textLength: 262_144,
  /** RRULE lines */
  rules: 16,
  /** dates in all RDATE lines, and again in all EXDATE lines */
  dates: 10_000,
  /** different zones in TZID parameters */
  zones: 16,
  /** greatest INTERVAL: a signed 32-bit number, as in other implementations */
  interval: 2_147_483_647,
  /** greatest COUNT */
  count: 1_000_000_000_000_000,
} as const;

/** How much is computed, in steps: one day, period or candidate looked at, some 10 to 100 ns. */
export const workLimits = {
  /** between two chances for the event loop: a few milliseconds at most */
  slice: 20_000,
  /** of finding an offset of a time zone */
  lookup: 40,
  /** for the first instance; a rule that needs more is refused */
  first: 200_000,
  /** for a place in the set or a number of instances; what needs more is not told */
  counting: 1_000_000,
} as const;
