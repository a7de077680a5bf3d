/**
 * The proleptic Gregorian calendar in whole numbers. A *day* is the number of days since 1970-01-01;
 * a *wall time* is what a clock on the wall shows, as whole seconds since 1970-01-01T00:00:00 on that
 * same clock; an *instant* is in whole seconds since 1970-01-01T00:00:00Z.
 */
export type Day = number;
export type WallTime = number;
export type Instant = number;

export const SECONDS_PER_DAY = 86_400;
/** 9999-12-31: what the scheduler takes as a date, at most */
export const LAST_DAY: Day = 2_932_896;
/** Days, months and years after which the calendar repeats, weekdays included. */
export const CYCLE = { days: 146_097, weeks: 20_871, months: 4_800, years: 400 } as const;

/** Remainder that is never negative. */
export function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}

/** @param month 1 to 12 */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) {
    return isLeapYear(year) ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day of a date; `dayOfMonth` may lie outside the month. */
export function dayOf(year: number, month: number, dayOfMonth: number): Day {
  // Years begin in March, so that the leap day is the last: Hinnant, chrono-compatible algorithms.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5);
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * CYCLE.days + dayOfEra - 719_468 + dayOfMonth - 1;
}

export interface CivilDate {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly dayOfMonth: number;
}

export function dateOf(day: Day): CivilDate {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / CYCLE.days);
  const dayOfEra = shifted - era * CYCLE.days;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfMonth: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** 0 is Monday. */
export function weekdayOf(day: Day): number {
  return modulo(day + 3, 7);
}

export function dayOfWall(wall: WallTime): Day {
  return Math.floor(wall / SECONDS_PER_DAY);
}

/** Seconds since midnight. */
export function timeOfWall(wall: WallTime): number {
  return modulo(wall, SECONDS_PER_DAY);
}

const FIRST_INSTANT: Instant = dayOf(1, 1, 1) * SECONDS_PER_DAY;
const LAST_INSTANT: Instant = (LAST_DAY + 1) * SECONDS_PER_DAY - 1;

/** Whether an instant lies in the years 1 to 9999 of UTC: others have no text, and SQL refuses them. */
export function isTellable(instant: Instant): boolean {
  return instant >= FIRST_INSTANT && instant <= LAST_INSTANT;
}

/** `2025-04-15T10:00:00` of a wall time, or of an instant in UTC, of the years 1 to 9999. */
function formatWall(wall: WallTime): string {
  const { year, month, dayOfMonth } = dateOf(dayOfWall(wall));
  const time = timeOfWall(wall);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}T${two(time / 3600)}:${two((time / 60) % 60)}:${two(time % 60)}`;
}

/** `2025-04-15T01:00:00Z` */
export function formatInstant(instant: Instant): string {
  return `${formatWall(instant)}Z`;
}
