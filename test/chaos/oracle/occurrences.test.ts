import { expect, test } from 'vitest';
import { acknowledgedCancel } from '../../../chaos/oracle/properties/acknowledged-cancel.ts';
import { acknowledgedChange } from '../../../chaos/oracle/properties/acknowledged-change.ts';
import { exactlyOnce } from '../../../chaos/oracle/properties/exactly-once.ts';
import { neverEarly } from '../../../chaos/oracle/properties/never-early.ts';
import { occurrences } from '../../../chaos/oracle/properties/occurrences.ts';
import { messagesOf } from './convictions.ts';
import {
  canceled,
  changed,
  exception,
  instanceAt,
  occurrence,
  publishedSeries,
  rule,
  seriesRow,
  seriesVersion,
} from './series-story.ts';
import { delivered, history, operation, record, T, version } from './story.ts';

const judged = messagesOf(occurrences);
const shorter = { rule: { ...rule, count: 2 } };
const other = { payload: 'b3RoZXI=' };

test('a series whose occurrences are all there, once and in order, is in order', () => {
  expect(occurrences.judge(history(publishedSeries('s')))).toEqual({ checked: 5, violations: [] });
});

test('an occurrence that is not there is convicted', () => {
  expect(judged(publishedSeries('s', [1, 3]))).toMatch(/nobody touched it.*is not there/);
});

test('an occurrence that is there twice is convicted', () => {
  expect(judged(publishedSeries('s'), { log: [occurrence('s', 2, { offset: 9 })] })).toContain(
    'it is there 2 times',
  );
});

test.each([
  ['excluded', 2],
  ['after the last', 4],
  ['between two', 2.5],
])('an occurrence that the rule does not have is convicted: %s', (_, seconds) => {
  const left = seriesVersion({ rule: { ...rule, excluded: [T + 2_000] } });
  const stranger = occurrence('s', seconds, { offset: 9 }, left);
  expect(judged(publishedSeries('s', [1, 3], left))).toBe('');
  expect(judged(publishedSeries('s', [1, 3], left), { log: [stranger] })).toContain(
    'no rule that was in force had it',
  );
});

test('the series itself, and an instance of a series that there is not, are convicted', () => {
  expect(judged(publishedSeries('s'), { log: [record('s', { offset: 9 })] })).toContain('itself');
  expect(judged({ log: [occurrence('s', 1)] })).toContain('no rule');
});

test('an occurrence that comes before the one that precedes it is convicted', () => {
  const late = { log: [occurrence('s', 1, { offset: 7 })], deliveries: [] };
  expect(judged(publishedSeries('s', [2, 3]), late)).toContain('the occurrence that precedes it');
});

test('what a change leaves out may only be there until then', () => {
  const change = (at: number) => ({
    operations: [changed('s', at, { version: seriesVersion(shorter) })],
  });
  expect(judged(publishedSeries('s', [1, 2]), change(1_500))).toBe('');
  expect(judged(publishedSeries('s', [1, 2]), change(2_995))).toBe('');
  expect(judged(publishedSeries('s', [1, 2]), change(3_500))).toContain('nobody touched it');
  expect(judged(publishedSeries('s'), change(1_500))).toContain('no rule that was in force');
  expect(judged(publishedSeries('s'), change(3_500))).toBe('');
});

test('a change without an answer, or refused, settles nothing', () => {
  const change = (outcome: 'unknown' | 'refused') => ({
    operations: [changed('s', 1_500, { version: seriesVersion(shorter), outcome })],
  });
  expect(judged(publishedSeries('s', [1, 2]), change('unknown'))).toBe('');
  expect(judged(publishedSeries('s'), change('unknown'))).toBe('');
  expect(judged(publishedSeries('s', [1, 2]), change('refused'))).toContain('nobody touched it');
});

test('what a change adds is there only after it', () => {
  const first = publishedSeries('s', [1, 2], seriesVersion(shorter));
  const change = { operations: [changed('s', 3_500)] };
  expect(judged(first, change)).toBe('');
  expect(judged(first, change, { log: [occurrence('s', 3)] })).toContain('no rule');
});

test('an occurrence with a content that had been replaced is convicted', () => {
  const change = (at: number) => ({
    operations: [changed('s', at, { version: seriesVersion(other) })],
  });
  expect(judged(publishedSeries('s'), change(2_995))).toBe('');
  expect(judged(publishedSeries('s'), change(1_500))).toContain('did not have any more');
  const newer = [2, 3].map((at) => occurrence('s', at, {}, seriesVersion(other)));
  expect(judged(publishedSeries('s', [1]), change(1_500), { log: newer })).toBe('');
});

test('what is due after the cancel of its series is convicted, what was due before is not', () => {
  const cancel = { operations: [canceled('s', 2_500)] };
  expect(judged(publishedSeries('s', [1, 2]), cancel)).toBe('');
  expect(judged(publishedSeries('s'), cancel)).toContain('canceled before its instant');
});

test('an instance whose cancel was answered ok is convicted when it is there', () => {
  const cancel = {
    operations: [canceled(instanceAt('s', 2), 500)],
    rows: [exception('s', 2, { status: 'CANCELED' })],
  };
  const judgedCancel = messagesOf(acknowledgedCancel);
  expect(judged(publishedSeries('s', [1, 3]), cancel)).toBe('');
  expect(judgedCancel(publishedSeries('s', [1, 3]), cancel)).toBe('');
  expect(judgedCancel(publishedSeries('s'), cancel)).toContain('it is on steady');
  expect(judgedCancel(publishedSeries('s', [1, 3]), { operations: cancel.operations })).toContain(
    'not in the database',
  );
});

test('an instance of a canceled series is canceled without a row of its own', () => {
  const operations = [operation('s', { version: seriesVersion() }), canceled('s', 500)];
  const again = canceled(instanceAt('s', 2), 600);
  const rows = [seriesRow('s', 'CANCELED')];
  expect(messagesOf(acknowledgedCancel)({ operations: [...operations, again], rows })).toBe('');
});

test('a replaced instance goes out as it was replaced, at its new instant', () => {
  const moved = version({ ...other, instant: T + 6_000 });
  const id = instanceAt('s', 2);
  const exceptionOf = (instant: number) => ({ ...moved, instant, publishedAt: T + 6_020 });
  const change = {
    operations: [changed(id, 500, { version: moved })],
    rows: [exception('s', 2, exceptionOf(T + 6_000))],
  };
  const sent = (more: Parameters<typeof occurrence>[2]) =>
    occurrence('s', 2, { headers: { ce_time: new Date(T + 6_000).toISOString() }, ...more }, moved);
  const inTime = sent({ timestamp: T + 6_005 });
  const series = publishedSeries('s', [1, 3]);
  for (const property of [occurrences, exactlyOnce, acknowledgedChange, neverEarly]) {
    const told = { log: [inTime], deliveries: [delivered(inTime)] };
    expect(messagesOf(property)(series, change, told), property.name).toBe('');
  }
  const early = { log: [sent({ timestamp: T + 2_005 })] };
  expect(messagesOf(neverEarly)(series, change, early)).toContain('before its instant');
  expect(messagesOf(exactlyOnce)(series, change)).toContain('should be on its topic, and is not');
  expect(messagesOf(acknowledgedChange)(publishedSeries('s'), change)).toContain('been replaced');
});
