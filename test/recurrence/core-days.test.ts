import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCoreDaySource, isCore } from '../../recurrence/expand/core-days.ts';
import { createDaySource, type DaySource } from '../../recurrence/expand/period-days.ts';
import { makeExplicit } from '../../recurrence/explicit-rule.ts';
import { Meter, parse, SECONDS_PER_DAY } from '../../recurrence/index.ts';

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const LAST_DAY = 30_000;

test('rrule finds the days that our own code finds', () => {
  const rules = fc.record({
    frequency: fc.constantFrom('DAILY', 'WEEKLY'),
    interval: fc.integer({ min: 1, max: 30 }),
    days: fc.subarray(WEEKDAYS),
    weekStart: fc.constantFrom(...WEEKDAYS),
    start: fc.integer({ min: -25_000, max: LAST_DAY - 1_000 }),
    period: fc.nat({ max: 500 }),
  });
  let compared = 0;
  fc.assert(
    fc.property(rules, ({ frequency, interval, days, weekStart, start, period }) => {
      const byDay = days.length > 0 ? `;BYDAY=${days.join(',')}` : '';
      const text = `FREQ=${frequency};INTERVAL=${interval};WKST=${weekStart}${byDay}`;
      const [rule] = parse(text).rules;
      const explicit = rule && makeExplicit(rule, start * SECONDS_PER_DAY);
      if (explicit && isCore(explicit, start)) {
        const own = createDaySource(explicit, start);
        const core = createCoreDaySource(explicit, start, own);
        expect(read(core, period)).toEqual(read(own, period));
        compared += 1;
      }
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(200);
});

/** The first days from a period on. */
function read(source: DaySource, from: number): number[] {
  const days: number[] = [];
  const meter = new Meter();
  for (let period = from; days.length < 40 && period !== Number.POSITIVE_INFINITY; ) {
    const block = source.read(period, meter, 8, LAST_DAY);
    days.push(...block.days.filter((day) => day <= LAST_DAY));
    period = block.next;
  }
  return days.slice(0, 40);
}
