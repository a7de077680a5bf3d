import { expect, test } from 'vitest';
import type { EventVersion, Operation } from '../../../chaos/history.ts';
import { keyOrder } from '../../../chaos/oracle/properties/key-order.ts';
import { messagesOf } from './convictions.ts';
import { history, operation, type Part, published, row, T, version } from './story.ts';

const judged = messagesOf(keyOrder);
const early = version({ key: 'k', instant: T + 2_000 });
const late = version({ key: 'k', instant: T + 3_000 });

function at(id: string, of: EventVersion, offset: number, more: Part = {}): Part {
  return { ...published(id, of, { offset }), ...more };
}

/** The later one came first. */
function inverted(operations: Operation[] = [], more: Part = {}): Part[] {
  return [at('late', late, 0), at('early', early, 1, more), { operations }];
}

test('records in order of their instants are in order', () => {
  const story = history(at('early', early, 0), at('late', late, 1), at('alone', version(), 2));
  expect(keyOrder.judge(story)).toEqual({ checked: 1, violations: [] });
});

test('an event that was stored in time and came after a later one is convicted', () => {
  expect(judged(...inverted())).toContain(
    'due 1000 ms before late of the same key, and comes after it',
  );
});

test('every pair is looked at, not only neighbours', () => {
  const middle = version({ key: 'k', instant: T + 2_500 });
  const { violations } = keyOrder.judge(
    history(at('late', late, 0), at('middle', middle, 1), at('early', early, 2)),
  );
  expect(violations.map(({ id, otherId }) => `${id} ${otherId}`)).toEqual([
    'middle late',
    'early late',
    'early middle',
  ]);
});

test('other keys, other partitions and equal instants have no order', () => {
  expect(judged(at('late', { ...late, key: 'other' }, 0), at('early', early, 1))).toBe('');
  const elsewhere = published('late', late, { partition: 1 });
  expect(judged(elsewhere, at('early', early, 1))).toBe('');
  expect(judged(at('late', early, 0), at('early', early, 1))).toBe('');
});

test('one that was stored too late for the claim is excused', () => {
  const operations = [operation('early', { version: early, to: T + 2_100 })];
  expect(judged(...inverted([], { operations }))).toBe('');
  const unacknowledged = [operation('early', { version: early, outcome: 'unknown' })];
  expect(judged(...inverted([], { operations: unacknowledged }))).toBe('');
});

test('of two that are overdue the one stored in time is to come first', () => {
  const [first, second] = [
    { ...late, instant: T - 3_000 },
    { ...early, instant: T - 4_000 },
  ];
  const created = operation('late', { version: first, from: T + 500, to: T + 510 });
  const story = [at('late', first, 0, { operations: [created] }), at('early', second, 1)];
  expect(judged(...story)).toMatch(/comes after it/);
  const together = operation('late', { version: first, from: T + 5, to: T + 15 });
  expect(judged(at('late', first, 0, { operations: [together] }), at('early', second, 1))).toBe('');
});

test.each([
  [
    'a cancel that was refused meanwhile',
    { kind: 'cancel', outcome: 'refused', from: T + 2_990, to: T + 3_005 },
  ],
  ['a change without an answer', { kind: 'replace', outcome: 'unknown', from: T + 50, to: T + 60 }],
] as const)('%s may have held the row', (_, more) => {
  expect(judged(...inverted([operation('early', { ...more, version: null })]))).toBe('');
});

test('an operation that was over, or came after, excuses nothing', () => {
  const cancel = (from: number) =>
    operation('early', { kind: 'cancel', outcome: 'refused', from, to: from + 10 });
  expect(judged(...inverted([cancel(T + 100)]))).toMatch(/comes after it/);
  expect(judged(...inverted([cancel(T + 9_000)]))).toMatch(/comes after it/);
});

test('a rejected attempt of either excuses', () => {
  const attempts = [{ at: T + 2_010, code: 'unknown_topic' }];
  const rows = [row('early', { ...early, attempts })];
  expect(judged(...inverted([], { rows }))).toBe('');
});
