import { SECONDS_PER_DAY } from '../calendar.ts';
import { combineTimes, type ExplicitRule } from '../explicit-rule.ts';
import { searchFirst } from '../search.ts';
import type { Meter } from '../work.ts';

/** The units (hours, minutes or seconds) of a day that BYHOUR, BYMINUTE and BYSECOND let through. */
export interface Units {
  /** ascending; null: all */
  readonly list: readonly number[] | null;
  has(unit: number): boolean;
  /** The first of `first`, `first + step`, … that is let through and not before `from`; null: none today. */
  nextStep(from: number, first: number, step: number, meter: Meter): number | null;
  /** How many of `first`, `first + step`, … in `[from, to)` are let through. */
  countSteps(from: number, to: number, first: number, step: number, meter: Meter): number;
}

/** @param rule of FREQ=HOURLY, MINUTELY or SECONDLY */
export function unitsLetThrough({ frequency, byHour, byMinute, bySecond }: ExplicitRule): Units {
  const length = frequency === 'HOURLY' ? 3600 : frequency === 'MINUTELY' ? 60 : 1;
  const perDay = SECONDS_PER_DAY / length;
  const minutes = frequency === 'HOURLY' ? [] : byMinute;
  const seconds = frequency === 'SECONDLY' ? bySecond : [];
  if (byHour.length + minutes.length + seconds.length === 0) {
    return allUnits(perDay);
  }
  const orAll = (list: readonly number[], isUnit: boolean, size: number) =>
    list.length > 0 ? list : isUnit ? Array.from({ length: size }, (_, index) => index) : [0];
  const list = combineTimes(
    orAll(byHour, true, 24),
    orAll(minutes, frequency !== 'HOURLY', 60),
    orAll(seconds, frequency === 'SECONDLY', 60),
  ).map((time) => time / length);
  return listedUnits(list, perDay);
}

function allUnits(perDay: number): Units {
  const notBefore = (from: number, first: number, step: number) =>
    first + Math.max(0, Math.ceil((from - first) / step)) * step;
  return {
    list: null,
    has: () => true,
    nextStep: (from, first, step) => {
      const unit = notBefore(from, first, step);
      return unit < perDay ? unit : null;
    },
    countSteps: (from, to, first, step) =>
      Math.max(0, Math.ceil((to - notBefore(from, first, step)) / step)),
  };
}

function listedUnits(list: readonly number[], perDay: number): Units {
  const flags = new Uint8Array(perDay);
  for (const unit of list) {
    flags[unit] = 1;
  }
  /** number of listed units before one */
  const placeOf = (unit: number) =>
    searchFirst(list.length, (place) => (list[place] as number) < unit);
  const nextStep: Units['nextStep'] = (from, first, step, meter) => {
    let unit = first + Math.max(0, Math.ceil((from - first) / step)) * step;
    // Whichever are fewer are gone through: the listed ones, or those that the step reaches.
    if (list.length * step < perDay) {
      for (let place = placeOf(unit); place < list.length; place += 1) {
        meter.steps += 1;
        const listed = list[place] as number;
        if ((listed - first) % step === 0) {
          return listed;
        }
      }
      return null;
    }
    for (; unit < perDay; unit += step) {
      meter.steps += 1;
      if (flags[unit] === 1) {
        return unit;
      }
    }
    return null;
  };
  return {
    list,
    has: (unit) => flags[unit] === 1,
    nextStep,
    countSteps: (from, to, first, step, meter) => {
      if (step === 1) {
        return placeOf(to) - placeOf(Math.max(from, first));
      }
      let total = 0;
      for (
        let unit = nextStep(from, first, step, meter);
        unit !== null && unit < to;
        unit = nextStep(unit + 1, first, step, meter)
      ) {
        total += 1;
      }
      return total;
    },
  };
}
