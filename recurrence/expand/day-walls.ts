import { type Day, dayOfWall, LAST_DAY, SECONDS_PER_DAY, type WallTime } from '../calendar.ts';
import { combineTimes, type ExplicitRule, pickIndexes, pickPositions } from '../explicit-rule.ts';
import { searchFirst } from '../search.ts';
import type { Meter, Work } from '../work.ts';
import { createCoreDaySource, isCore } from './core-days.ts';
import { DayFilter } from './day-filter.ts';
import { createDaySource, type DaySource } from './period-days.ts';
import type { WallCursor, WallSource } from './walls.ts';

/** Days asked for at once for counting. */
const DAYS_COUNTED = 64;

/** The candidates of a rule of FREQ=DAILY and coarser: each of its days at each of its times. */
export class DayWalls implements WallSource {
  readonly #days: DaySource;
  readonly #countedDays: DaySource;
  readonly #times: readonly number[];
  /** empty where it was applied to the times already, or is absent */
  readonly #positions: readonly number[];
  readonly #filter: DayFilter | null;

  /** @param start day of DTSTART */
  constructor(rule: ExplicitRule, start: Day) {
    const own = createDaySource(rule, start);
    const isDaily = rule.frequency === 'DAILY';
    const times = combineTimes(rule.byHour, rule.byMinute, rule.bySecond);
    this.#days = isCore(rule, start) ? createCoreDaySource(rule, start, own) : own;
    this.#countedDays = own;
    // A day of FREQ=DAILY is a whole set of BYSETPOS.
    this.#times = isDaily ? pickPositions(times, rule.bySetPos) : times;
    this.#positions = isDaily ? [] : rule.bySetPos;
    this.#filter = isDaily ? new DayFilter(rule) : null;
  }

  from(wall: WallTime, end: WallTime): WallCursor {
    const blocks = this.#blocks(this.#days, wall, end);
    let block: Block | null = null;
    let index = 0;
    return {
      pull: (most, meter) => {
        if (!block || index >= block.size) {
          block = blocks.next(meter, most);
          index = block ? block.indexOf(wall) : 0;
        }
        if (!block) {
          return null;
        }
        const walls: WallTime[] = [];
        for (; index < block.size && walls.length < most; index += 1) {
          walls.push(block.at(index));
        }
        meter.steps += walls.length;
        return walls;
      },
    };
  }

  *count(from: WallTime, to: WallTime, meter: Meter): Work<number> {
    const whole = this.#countedDays.count?.(dayOfWall(from) + 1, dayOfWall(to));
    if (whole !== undefined && dayOfWall(from) < dayOfWall(to)) {
      const midnight = (dayOfWall(from) + 1) * SECONDS_PER_DAY;
      return (
        whole * this.#times.length +
        (yield* this.#countOne(from, midnight, meter)) +
        (yield* this.#countOne(dayOfWall(to) * SECONDS_PER_DAY, to, meter))
      );
    }
    return yield* this.#countOne(from, to, meter);
  }

  isNever(meter: Meter): boolean {
    return this.#times.length === 0 || (this.#filter?.isNever(meter) ?? false);
  }

  *#countOne(from: WallTime, to: WallTime, meter: Meter): Work<number> {
    let total = 0;
    const blocks = this.#blocks(this.#countedDays, from, to);
    for (;;) {
      const block = blocks.next(meter, DAYS_COUNTED);
      if (!block) {
        break;
      }
      const end = block.indexOf(to);
      total += Math.max(0, end - block.indexOf(from));
      if (end < block.size || blocks.reached >= to) {
        break;
      }
      if (meter.isDue()) {
        yield;
      }
    }
    return total;
  }

  /** The blocks that reach `[from, end)`, each strictly after the one before. */
  #blocks(days: DaySource, from: WallTime, end: WallTime) {
    const lastDay = Math.min(LAST_DAY, dayOfWall(end));
    const [times, positions] = [this.#times, this.#positions];
    let period = days.periodAt(dayOfWall(from));
    let seen = period;
    let last: WallTime = Number.NEGATIVE_INFINITY;
    const blocks = {
      /** nothing before this is still to come */
      reached: Number.NEGATIVE_INFINITY,
      next(meter: Meter, most: number): Block | null {
        if (period === Number.POSITIVE_INFINITY || period - seen > days.cycle) {
          return null;
        }
        const read = days.read(period, meter, most, lastDay);
        period = read.next;
        if (read.days.length === 0) {
          return EMPTY;
        }
        const whole = toBlock(read.days, times, positions);
        // BYSETPOS may leave nothing of a period.
        seen = whole.size > 0 ? period : seen;
        const block = whole.after(last);
        if (block.size > 0) {
          last = block.at(block.size - 1);
          blocks.reached = last + 1;
        }
        return block;
      },
    };
    return blocks;
  }
}

/** Candidates in order, reached by their number without listing them: a year of seconds has 31 million. */
class Block {
  readonly size: number;
  readonly at: (index: number) => WallTime;

  constructor(size: number, at: (index: number) => WallTime) {
    this.size = size;
    this.at = at;
  }

  /** The number of the first candidate that is not before `wall`; the size when all are. */
  indexOf(wall: WallTime): number {
    return searchFirst(this.size, (index) => this.at(index) < wall);
  }

  /** What lies after `wall`: SKIP may move a day onto one that the next period has too (RFC 7529). */
  after(wall: WallTime): Block {
    const start = this.indexOf(wall + 1);
    return start === 0 ? this : new Block(this.size - start, (index) => this.at(start + index));
  }
}

const EMPTY = new Block(0, () => 0);

function toBlock(
  allDays: readonly Day[],
  times: readonly number[],
  positions: readonly number[],
): Block {
  const days =
    (allDays.at(-1) ?? 0) > LAST_DAY ? allDays.filter((day) => day <= LAST_DAY) : allDays;
  const all = times.length;
  const at = (index: number) =>
    (days[Math.floor(index / all)] as Day) * SECONDS_PER_DAY + (times[index % all] as number);
  if (positions.length === 0) {
    return new Block(days.length * all, at);
  }
  const picked = pickIndexes(days.length * all, positions);
  return new Block(picked.length, (index) => at(picked[index] as number));
}
