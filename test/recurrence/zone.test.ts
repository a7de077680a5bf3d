import fc from 'fast-check';
import { IANAZone } from 'luxon';
import { expect, test } from 'vitest';
import { finish, Meter, type Zone } from '../../recurrence/index.ts';
import { timezones } from './random-rules.ts';
import { secondsOf, zones } from './text.ts';

const zone: fc.Arbitrary<Zone> = fc.constantFrom(...timezones).map((name) => {
  const found = zones.get(name);
  if (!found) {
    throw new Error(`no zone ${name}`);
  }
  return found;
});
const between = (from: string, to: string) =>
  fc.integer({ min: secondsOf(from), max: secondsOf(to) });

test.each([
  ['in our time', '19700101T000000', '20400101T000000', 6_000],
  ['long ago and far ahead', '00010102T000000', '99991231T000000', 2_000],
])('offsets %s are those of luxon', (_when, from, to, runs) => {
  fc.assert(
    fc.property(zone, between(from, to), (one, instant) => {
      expect(one.offsetAt(instant)).toBe(
        Math.round(IANAZone.create(one.name).offset(instant * 1000) * 60),
      );
    }),
    { numRuns: runs },
  );
});

test('a clock shows every instant that a wall time stands for', () => {
  fc.assert(
    fc.property(zone, between('19700101T000000', '20400101T000000'), (one, instant) => {
      const wall = one.wallOf(instant);
      const both = one.resolve(wall, 'skip', 'both');
      expect(both).toContain(instant);
      expect(both.map((found) => one.wallOf(found))).toEqual(both.map(() => wall));
      expect(one.resolve(wall, 'skip', 'first')).toEqual(both.slice(0, 1));
      expect(one.resolve(wall, 'skip', 'last')).toEqual(both.slice(-1));
      expect(one.isSecondPass(instant)).toBe(both.length === 2 && instant === both[1]);
    }),
    { numRuns: 3_000 },
  );
});

test('around each change a wall time is skipped, or comes twice', () => {
  for (const name of timezones) {
    const one = zones.get(name) as Zone;
    const [from, to] = [secondsOf('19900101T000000'), secondsOf('20350101T000000')];
    for (const { at, before, after } of finish(one.transitions(from, to, new Meter()))) {
      expect([one.offsetAt(at - 1), one.offsetAt(at)]).toEqual([before, after]);
      const wall = at + Math.max(before, after) - 1;
      const instants = one.resolve(wall, 'skip', 'both');
      expect([name, at, instants.length]).toEqual([name, at, after > before ? 0 : 2]);
    }
  }
});
