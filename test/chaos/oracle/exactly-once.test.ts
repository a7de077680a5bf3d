import { expect, test } from 'vitest';
import { exactlyOnce } from '../../../chaos/oracle/properties/exactly-once.ts';
import { messagesOf } from './convictions.ts';
import { delivered, history, operation, published, record, row, T, version } from './story.ts';

const judged = messagesOf(exactlyOnce);
const fleeting = version({ topic: 'fleeting', instant: T + 4_000 });

test('an event that is PUBLISHED and on its topic is in order', () => {
  expect(exactlyOnce.judge(history(published('a')))).toEqual({ checked: 2, violations: [] });
});

test('a second record of an event is convicted, wherever it is', () => {
  const again = record('a', { topic: 'other', offset: 7 });
  expect(judged(published('a'), { log: [again] })).toMatch(/there 2 times: steady\/0.*other\/0/);
});

test('a PUBLISHED event without a record is convicted', () => {
  expect(judged({ operations: [operation('a')], rows: [row('a')] })).toMatch(/and is not/);
});

test.each(['SCHEDULED', 'CANCELED', 'FAILED'] as const)(
  'a record of a %s event is convicted',
  (status) => {
    const { operations, log } = published('a') as Required<ReturnType<typeof published>>;
    expect(judged({ operations, log, rows: [row('a', { status })] })).toContain(`is ${status}`);
  },
);

test('a record of an id that nobody created is convicted', () => {
  expect(judged({ log: [record('stranger')] })).toMatch(/nobody created it/);
});

test('an acknowledged event that is due and nowhere is convicted, one that is not due is not', () => {
  expect(judged({ operations: [operation('a')] })).toMatch(/acknowledged and due/);
  const later = version({ instant: T + 3_600_000 });
  expect(judged({ operations: [operation('a', { version: later })] })).toBe('');
});

test('a delivery that the log does not have is convicted', () => {
  const other = delivered(record('a', { offset: 3 }));
  expect(judged(published('a', version(), { offset: 3 }), { deliveries: [other] })).toBe('');
  expect(judged(published('a'), { deliveries: [{ ...other, offset: 4 }] })).toMatch(
    /it was delivered from/,
  );
});

test('a record that a consumer passed over is convicted, one that it did not come to is not', () => {
  const unseen = { ...published('b', version(), { offset: 1 }), deliveries: [] };
  expect(judged(published('a'), unseen)).toBe('');
  expect(judged(published('a'), unseen, published('c', version(), { offset: 2 }))).toMatch(
    /read on to 2 never got it/,
  );
});

test('what was seen in a topic that went away counts', () => {
  const once = { ...published('a', fleeting), log: [] };
  expect(judged(once)).toBe('');
  const again = record('a', { offset: 0, timestamp: T + 7_000 }, fleeting);
  expect(judged(once, { log: [again], deliveries: [delivered(again)] })).toMatch(
    /there 2 times.*\(gone\)/,
  );
});

test('a record that nobody saw may have gone with its topic, if it was published about then', () => {
  const unseen = (publishedAt: number) => ({
    operations: [operation('a', { version: fleeting })],
    rows: [row('a', { ...fleeting, publishedAt })],
  });
  expect(judged(unseen(T + 4_900))).toBe('');
  expect(judged(unseen(T + 5_500))).toBe('');
  expect(judged(unseen(T + 3_000))).toMatch(/and is not/);
  expect(judged(unseen(T + 30_000))).toMatch(/and is not/);
});
