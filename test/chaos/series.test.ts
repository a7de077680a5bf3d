import { expect, test } from 'vitest';
import { diceOf } from '../../chaos/dice.ts';
import type { EventVersion } from '../../chaos/history.ts';
import {
  instanceId,
  originalInstant,
  recurrenceOf,
  seriesOfInstance,
  startsOf,
} from '../../chaos/series.ts';
import { randomSeries, revisedSeries } from '../../chaos/workload/versions.ts';
import { finish } from '../../recurrence/index.ts';
import { seriesOf } from '../recurrence/text.ts';

const NOW = Date.parse('2026-02-28T23:59:58.700Z');
const destinations = { steady: ['s'], narrow: 'n', missing: 'm', fleeting: 'f' } as const;

/** By the scheduler's own expansion, in ms. */
function expanded({ instant, rule }: EventVersion): number[] {
  const series = seriesOf({
    start: new Date(instant).toISOString().replace(/[-:]|\.000Z/g, ''),
    timezone: 'UTC',
    recurrence: rule ? recurrenceOf(rule) : '',
  });
  const { occurrences } = finish(series.between(0, Number.MAX_SAFE_INTEGER, 100));
  return occurrences.map((occurrence) => occurrence.instant * 1000);
}

test('series and their changes occur as they say, about now, and never not at all', () => {
  const dice = diceOf('series');
  for (let i = 0; i < 300; i++) {
    const { rule, ...series } = randomSeries(dice, destinations, NOW);
    if (!rule) throw new Error('it is none');
    const revised = revisedSeries(dice, destinations, { ...series, rule });
    for (const version of [{ ...series, rule }, revised]) {
      const starts = startsOf(version);
      expect(starts).toEqual(expanded(version));
      expect(starts.length).toBeGreaterThan(0);
      expect(version.topic).not.toBe('f');
    }
    expect(startsOf({ ...series, rule })).toEqual(expect.arrayContaining(startsOf(revised)));
    expect(Math.abs(series.instant - NOW)).toBeLessThan(4_000);
  }
});

test('the id of an instance says its series and its original start', () => {
  const start = Date.parse('2026-03-01T00:00:09Z');
  const id = instanceId('8b82e04b-7764-430b-bc49-0393235f8927', start);
  expect(id).toBe('8b82e04b-7764-430b-bc49-0393235f8927_20260301T000009Z');
  expect(originalInstant(id)).toBe(start);
  expect(seriesOfInstance(id)).toBe('8b82e04b-7764-430b-bc49-0393235f8927');
  expect(seriesOfInstance('8b82e04b-7764-430b-bc49-0393235f8927')).toBeNull();
});
