import { expect, test } from 'vitest';
import { neverEarly } from '../../../chaos/oracle/properties/never-early.ts';
import { messagesOf } from './convictions.ts';
import { delivered, history, operation, published, record, row, T, version } from './story.ts';

const judged = messagesOf(neverEarly);
const HOUR = 3_600_000;

function arrived(
  times: { timestamp: number; at: number; instant?: number },
  publishedAt = times.at,
) {
  const of = version({ instant: times.instant ?? T + 1_000 });
  const time = of.instant % 1 === 0 ? {} : { headers: { ce_time: '2023-11-14T22:13:21.0005Z' } };
  const one = record('a', { timestamp: times.timestamp, ...time }, of);
  return {
    operations: [operation('a', { version: of })],
    rows: [row('a', { ...of, publishedAt })],
    log: [one],
    deliveries: [delivered(one, times.at)],
  };
}

test('what comes at its instant is in time', () => {
  expect(neverEarly.judge(history(published('a')))).toEqual({ checked: 1, violations: [] });
  expect(judged(arrived({ timestamp: T + 1_000, at: T + 1_000 }))).toBe('');
});

test('a delivery in the millisecond before its instant is convicted', () => {
  expect(judged(arrived({ timestamp: T + 1_000, at: T + 999 }))).toContain(
    'delivered 1 ms before its instant',
  );
});

test('clocks of whole milliseconds are given the rest of theirs', () => {
  const instant = T + 1_000.5;
  expect(judged(arrived({ instant, timestamp: T + 1_000, at: T + 1_000 }))).toBe('');
  expect(judged(arrived({ instant, timestamp: T + 999, at: T + 1_001 }))).toContain(
    '1.5 ms before its instant',
  );
});

test('a timestamp before the instant is convicted', () => {
  expect(judged(arrived({ timestamp: T + 999, at: T + 1_001 }))).toContain(
    'timestamp is 1 ms before its instant',
  );
});

test('a timestamp by a clock that is an hour off is convicted', () => {
  expect(judged(arrived({ timestamp: T + HOUR, at: T + 1_001 }))).toMatch(/after it was published/);
  const overdue = { instant: T - 2 * HOUR, timestamp: T - HOUR, at: T };
  expect(judged(arrived(overdue))).toMatch(/3600000 ms before it was published/);
});

test('the instant is that of the version that arrived', () => {
  const later = version({ instant: T + 9_000 });
  const change = operation('a', { kind: 'replace', version: later, from: T + 20, to: T + 30 });
  expect(judged(published('a'), { operations: [change] })).toBe('');
  const early = { ...published('a', later, { timestamp: T + 1_000 }) };
  expect(judged(early, { operations: [operation('a')] })).toContain('8000 ms before its instant');
});

test('a record that nobody was seen to get is judged by when its event became PUBLISHED', () => {
  const unseen = { ...arrived({ timestamp: T + HOUR, at: T + 1_001 }), deliveries: [] };
  expect(judged(unseen)).toMatch(/after it was published/);
});
