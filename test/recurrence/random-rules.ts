/** A recurrence for every implementation: what each of them is asked. Times are local, `yyyymmddThhmmss`. */
export interface Question {
  readonly start: string;
  readonly timezone: string;
  /** value of RRULE */
  readonly rule: string;
  /** local times that RDATE adds and EXDATE excludes */
  readonly added: readonly string[];
  readonly excluded: readonly string[];
}

/** Zones with odd changes, and some without any. */
export const timezones = [
  ...['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Tokyo', 'Asia/Kolkata', 'Asia/Kathmandu'],
  ...['Pacific/Apia', 'Australia/Lord_Howe', 'Antarctica/Troll', 'Africa/Casablanca'],
  ...['America/Sao_Paulo', 'Africa/Cairo', 'Asia/Gaza', 'Europe/Dublin', 'Europe/London'],
  ...['America/St_Johns', 'America/Caracas', 'Asia/Tehran', 'Asia/Amman', 'Asia/Pyongyang'],
  ...['Pacific/Chatham', 'Pacific/Kiritimati', 'Pacific/Fiji', 'Pacific/Tongatapu'],
  ...['America/Havana', 'America/Asuncion', 'America/Santiago', 'Europe/Istanbul'],
  ...['Europe/Moscow', 'Africa/Windhoek', 'Africa/Juba', 'Australia/Adelaide'],
];

/** A small generator of random numbers (mulberry32): the same seed, the same rules. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 to `sides` - 1 */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * sides);
  }

  isOneIn(chances: number): boolean {
    return this.roll(chances) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.roll(items.length)] as Item;
  }

  /** Some numbers, unsorted and with repeats, as people write them. */
  some(most: number, one: () => number | string): string {
    return Array.from({ length: 1 + this.roll(most) }, one).join(',');
  }
}

const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'];
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** A random recurrence of parts that RFC 5545 lets stand together; it may have no instance. */
export function randomQuestion(dice: Dice): Question {
  const start = randomTime(dice, 1995 + dice.roll(27));
  const frequency = dice.pick(FREQUENCIES);
  const parts = [`FREQ=${frequency}`, ...randomParts(dice, frequency, start)];
  const dates = () =>
    dice.isOneIn(4)
      ? Array.from({ length: 1 + dice.roll(3) }, () => randomTime(dice, Number(start.slice(0, 4))))
      : [];
  const step = frequency === 'SECONDLY' || frequency === 'MINUTELY' ? 0 : dice.roll(12);
  const later = String(Math.min(2024, Number(start.slice(0, 4)) + step));
  const end = dice.roll(3);
  if (end === 0) {
    parts.push(`COUNT=${1 + dice.roll(30)}`);
  } else if (end === 1) {
    parts.push(`UNTIL=${later}${start.slice(4)}${dice.isOneIn(2) ? 'Z' : ''}`);
  }
  return {
    start,
    timezone: dice.pick(timezones),
    rule: parts.join(';'),
    added: dates(),
    excluded: [...dates(), ...(dice.isOneIn(4) ? [start] : [])],
  };
}

function randomTime(dice: Dice, year: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const month = 1 + dice.roll(12);
  // Days and hours at which clocks change come often.
  const day = dice.isOneIn(3) ? 25 + dice.roll(4) : 1 + dice.roll(28);
  const hour = dice.isOneIn(2) ? dice.roll(4) : dice.roll(24);
  const minute = dice.isOneIn(2) ? 30 * dice.roll(2) : dice.roll(60);
  return `${year}${two(month)}${two(day)}T${two(hour)}${two(minute)}${two(dice.isOneIn(2) ? 0 : dice.roll(60))}`;
}

/** Filters of frequent rules often hold the start's own numbers: else nothing would match for years. */
function randomParts(dice: Dice, frequency: string, start: string): string[] {
  const level = FREQUENCIES.indexOf(frequency);
  const [isYearly, isMonthly, isWeekly] = [level === 0, level === 1, level === 2];
  const isClock = level > 3;
  const parts: string[] = [];
  const maybe = (chances: number, name: string, value: () => string) => {
    if (dice.isOneIn(chances)) {
      parts.push(`${name}=${value()}`);
    }
  };
  const signed = (most: number) => (dice.isOneIn(3) ? -1 : 1) * (1 + dice.roll(most));
  const own = (from: number, length: number) => Number(start.slice(from, from + length));
  const near = (value: number, other: () => number) =>
    isClock && dice.isOneIn(2) ? value : other();
  maybe(2, 'INTERVAL', () => String(1 + dice.roll(dice.isOneIn(4) ? 90 : 4)));
  maybe(3, 'BYMONTH', () => dice.some(4, () => near(own(4, 2), () => 1 + dice.roll(12))));
  if (isYearly) {
    maybe(5, 'BYWEEKNO', () => dice.some(3, () => signed(53)));
  }
  const hasWeeks = parts.some((part) => part.startsWith('BYWEEKNO'));
  if (isYearly || isClock) {
    maybe(6, 'BYYEARDAY', () => dice.some(6, () => signed(366)));
  }
  if (!isWeekly) {
    maybe(3, 'BYMONTHDAY', () => dice.some(5, () => near(own(6, 2), () => signed(31))));
  }
  const isNumbered = (isYearly && !hasWeeks) || isMonthly;
  const most = isYearly && !parts.some((part) => part.startsWith('BYMONTH=')) ? 53 : 5;
  maybe(3, 'BYDAY', () =>
    dice.some(3, () => {
      const number = isNumbered && dice.isOneIn(2) ? String(signed(most)) : '';
      return `${number}${dice.pick(WEEKDAYS)}`;
    }),
  );
  maybe(3, 'BYHOUR', () => dice.some(4, () => near(own(9, 2), () => dice.roll(24))));
  maybe(3, 'BYMINUTE', () => dice.some(4, () => near(own(11, 2), () => dice.roll(60))));
  maybe(4, 'BYSECOND', () => dice.some(3, () => near(own(13, 2), () => dice.roll(60))));
  if (parts.some((part) => part.startsWith('BY'))) {
    maybe(4, 'BYSETPOS', () => dice.some(3, () => signed(isClock ? 2 : dice.isOneIn(2) ? 3 : 20)));
  }
  maybe(3, 'WKST', () => dice.pick(WEEKDAYS));
  if ((isYearly || isMonthly) && dice.isOneIn(8)) {
    parts.push('RSCALE=GREGORIAN', `SKIP=${dice.pick(['OMIT', 'BACKWARD', 'FORWARD'])}`);
  }
  return parts;
}
