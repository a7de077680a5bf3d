import { expect, test } from 'vitest';
import { HintLimit } from '../../relay/hint-limit.ts';

const FAR = 5_000;

test('hints are followed at once until there are too many, and then evenly', () => {
  const hints = new HintLimit(3, 50, 0);
  const pauses = Array.from({ length: 5 }, () => hints.take(0, FAR));
  expect(pauses).toEqual([0, 0, 0, 20, 40]);
  expect(hints.take(1_000, FAR)).toBe(0);
});

test('no hint delays what a lane knows, nor counts when it comes shortly before that', () => {
  const hints = new HintLimit(1, 50, 0);
  expect([20, 7, 0, -3].map((left) => hints.take(0, left))).toEqual([20, 7, 0, -3]);
  expect([21, 21, 21].map((left) => hints.take(0, left))).toEqual([0, 20, 21]);
});
