import { expect, test } from 'vitest';
import { RuleCache } from '../../../api/series/rule-cache.ts';
import { RevisedSeries, Zones } from '../../../recurrence/index.ts';

const zones = new Zones();
const [start, timezone, gap] = [0, 'UTC', 'shift'] as const;
const make = () =>
  new RevisedSeries(
    [{ number: 1, start, timezone, recurrence: 'FREQ=DAILY', gap, overlap: null, closedAt: null }],
    zones,
  );

test('keeps what was asked for last, up to a size', () => {
  const cache = new RuleCache();
  const made: string[] = [];
  const get = (key: string, length: number) =>
    cache.get(key, length, () => {
      made.push(key);
      return make();
    });
  expect(get('a', 10)).toBe(get('a', 10));
  get('b', 1_500_000);
  get('c', 1_500_000);
  get('b', 1_500_000);
  get('d', 1_500_000);
  expect(made).toEqual(['a', 'b', 'c', 'd']);
  get('b', 1_500_000);
  get('c', 1_500_000);
  expect(made).toEqual(['a', 'b', 'c', 'd', 'c']);
});

test('keeps nothing of what cannot be read', () => {
  const cache = new RuleCache();
  const fail = () => {
    throw new Error('unreadable');
  };
  expect(() => cache.get('a', 10, fail)).toThrow('unreadable');
  expect(cache.get('a', 10, make)).toBeInstanceOf(RevisedSeries);
});
