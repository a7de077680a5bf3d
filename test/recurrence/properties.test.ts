import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  check as checkRecurrence,
  finish,
  type Instant,
  parse,
  RecurrenceError,
  Series,
  type SeriesOptions,
} from '../../recurrence/index.ts';
import { Dice, randomQuestion } from './random-rules.ts';
import { secondsOf, zones } from './text.ts';

const FROM = secondsOf('19950101T000000');
const TO = secondsOf('20400101T000000');
const SHOWN = 40;

/** A random recurrence that is taken, in a random zone under random policies. */
const options: fc.Arbitrary<SeriesOptions> = fc
  .record({
    seed: fc.integer(),
    gap: fc.constantFrom('shift' as const, 'skip' as const, undefined),
    overlap: fc.constantFrom('first' as const, 'last' as const, 'both' as const, undefined),
  })
  .map(({ seed, gap, overlap }) => {
    const { start, timezone, rule, added, excluded } = randomQuestion(new Dice(seed));
    const lines = [`RRULE:${rule}`];
    lines.push(...added.map((date) => `RDATE:${date}`));
    lines.push(...excluded.map((date) => `EXDATE:${date}`));
    const zone = zones.get(timezone);
    if (!zone) {
      throw new Error(`no zone ${timezone}`);
    }
    return { ruleSet: parse(lines.join('\n')), start: secondsOf(start), zone, zones, gap, overlap };
  })
  .filter(isTaken);

function isTaken(one: SeriesOptions): boolean {
  try {
    finish(checkRecurrence(new Series(one)));
    return true;
  } catch (error) {
    if (error instanceof RecurrenceError) {
      return false;
    }
    throw error;
  }
}

function listed(series: Series, from: Instant = FROM, to: Instant = TO, limit = SHOWN): Instant[] {
  return finish(series.between(from, to, limit)).occurrences.map(({ instant }) => instant);
}

/** @param runs how many random recurrences */
function check(property: (series: Series, options: SeriesOptions) => void, runs = 300): void {
  fc.assert(
    fc.property(options, (one) => property(new Series(one), one)),
    { numRuns: runs },
  );
}

test('occurrences come in order, each once', () => {
  check((series) => {
    const instants = listed(series);
    expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
  });
});

test('next after each is the one that follows in the list', () => {
  check((series) => {
    const instants = listed(series);
    const nexts = instants.map(
      (_instant, index) => finish(series.next(instants[index - 1] ?? FROM - 1))?.instant,
    );
    expect(nexts).toEqual(instants);
  });
});

test('next of a moment between two is the later one', () => {
  check((series) => {
    const instants = listed(series);
    for (const [index, instant] of instants.entries()) {
      expect(finish(series.next(instant - 0.5))?.instant).toBe(instant);
      const following = instants[index + 1];
      if (following !== undefined) {
        expect(finish(series.next((instant + following) / 2))?.instant).toBe(following);
      }
    }
  });
});

test('indexOf inverts the list, and finds nothing that is not in it', () => {
  check((series) => {
    const instants = listed(series);
    expect(instants.map((instant) => finish(series.indexOf(instant)))).toEqual(
      instants.map((_instant, index) => index),
    );
    const missing = instants.map((instant) => instant + 0.5);
    expect(missing.map((instant) => finish(series.indexOf(instant)))).toEqual(
      missing.map(() => -1),
    );
  }, 200);
});

test('countBefore agrees with walking there, over years of clock changes', () => {
  fc.assert(
    fc.property(options, fc.nat({ max: 6 * 365 * 86_400 }), (one, seconds) => {
      const series = new Series(one);
      const end = one.start + seconds;
      const walked = finish(series.between(FROM, end, 5_000));
      fc.pre(walked.complete);
      expect(finish(series.countBefore(end))).toBe(walked.occurrences.length);
    }),
    { numRuns: 300 },
  );
});

test('a window shows what the whole list has in it', () => {
  check((series) => {
    const instants = listed(series);
    const [from, to] = [instants[3], instants.at(-1)];
    if (from !== undefined && to !== undefined) {
      expect(listed(series, from, to)).toEqual(instants.slice(3, -1));
      expect(listed(series, from + 1, to + 1)).toEqual(instants.slice(4));
    }
  });
});

test('a page is complete exactly when nothing follows it', () => {
  check((series) => {
    const page = finish(series.between(FROM, TO, 5));
    expect(page.complete).toBe(listed(series, FROM, TO, 6).length <= 5);
  });
});

test('EXDATE removes exactly one', () => {
  fc.assert(
    fc.property(options, fc.nat({ max: SHOWN - 2 }), (one, choice) => {
      const before = listed(new Series(one));
      const instant = before[choice % Math.max(before.length, 1)];
      if (instant !== undefined) {
        const excluded = [...one.ruleSet.excluded, { type: 'instant' as const, instant }];
        const after = listed(new Series({ ...one, ruleSet: { ...one.ruleSet, excluded } }));
        expect(after.slice(0, SHOWN - 1)).toEqual(before.filter((other) => other !== instant));
      }
    }),
    { numRuns: 300 },
  );
});

test('RDATE adds exactly one', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: FROM, max: TO - 1 }), (one, instant) => {
      const before = listed(new Series(one));
      const start = { type: 'instant' as const, instant };
      const added = [...one.ruleSet.added, { start, period: null }];
      const series = new Series({ ...one, ruleSet: { ...one.ruleSet, added } });
      const expected = [...new Set([...before, instant])].sort((a, b) => a - b);
      const isExcluded = finish(series.indexOf(instant)) === -1;
      expect(listed(series)).toEqual((isExcluded ? before : expected).slice(0, SHOWN));
    }),
    { numRuns: 300 },
  );
});

test('a twin without memory answers the same, whatever was asked before', () => {
  check((series, one) => {
    const instants = listed(series);
    const shuffled = [...instants].reverse();
    expect(shuffled.map((instant) => finish(series.next(instant - 1))?.instant)).toEqual(shuffled);
    expect(listed(new Series(one))).toEqual(instants);
  });
});
