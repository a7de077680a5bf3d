import { expect, test } from 'vitest';
import { drained } from '../../../chaos/oracle/properties/drained.ts';
import { finalIsFinal } from '../../../chaos/oracle/properties/final-is-final.ts';
import { seriesStatus } from '../../../chaos/oracle/properties/series-status.ts';
import { messagesOf } from './convictions.ts';
import {
  canceled,
  changed,
  exception,
  instanceAt,
  publishedSeries,
  rule,
  seriesRow,
  seriesVersion,
} from './series-story.ts';
import { audit, history, operation, type Part, state, T } from './story.ts';

const judged = messagesOf(seriesStatus);
const created = operation('s', { version: seriesVersion() });
const cancelAll = { operations: [canceled('s', 500)] };
const failed = exception('s', 1, { status: 'FAILED', lastError: 'unknown_topic' });
const waiting = exception('s', 2, { status: 'SCHEDULED', instant: T + 60_000 });

function ended(status: Parameters<typeof seriesRow>[1], ...rows: Part['rows'] & object): Part {
  return { operations: [created], rows: [seriesRow('s', status), ...rows] };
}

test('a series of which everything is published is PUBLISHED', () => {
  expect(seriesStatus.judge(history(publishedSeries('s')))).toEqual({ checked: 1, violations: [] });
  expect(judged(ended('PUBLISHED'))).toContain('nothing of it was published');
});

test('a series of which nothing is published is FAILED if anything has, else CANCELED', () => {
  expect(judged(ended('FAILED', failed))).toBe('');
  expect(judged(ended('CANCELED', failed))).toContain('something of it failed');
  expect(judged(ended('FAILED'))).toContain('nothing of it failed');
  expect(judged(ended('CANCELED'))).toBe('');
});

test.each(['FAILED', 'CANCELED'] as const)('a %s series with a record is convicted', (status) => {
  const { rows: _, ...rest } = publishedSeries('s');
  expect(judged(rest, { rows: [seriesRow('s', status), failed] })).toContain('was published');
});

test('a series whose cancel was answered ok is CANCELED, whatever was published', () => {
  const { rows: _, ...rest } = publishedSeries('s', [1]);
  expect(judged(rest, cancelAll, { rows: [seriesRow('s', 'CANCELED')] })).toBe('');
  expect(judged(publishedSeries('s'), cancelAll)).toContain('its cancel was answered ok');
});

test('a series is SCHEDULED as long as an instance is, and no longer', () => {
  expect(judged(ended('SCHEDULED', waiting))).toBe('');
  expect(judged(ended('SCHEDULED'))).toContain('nothing of it is left');
  expect(judged(ended('CANCELED', waiting), cancelAll)).toContain('is SCHEDULED');
  expect(messagesOf(drained)(ended('SCHEDULED', waiting))).toBe('');
});

test('an instance that nobody cancelled is convicted when it is CANCELED', () => {
  const instance = exception('s', 2, { status: 'CANCELED' });
  const cancel = { operations: [canceled(instanceAt('s', 2), 500)] };
  expect(judged(publishedSeries('s', [1, 3]), { rows: [instance] })).toContain('nobody cancelled');
  expect(judged(publishedSeries('s', [1, 3]), cancel, { rows: [instance] })).toBe('');
});

test('a rule that was not asked for last is convicted', () => {
  const shorter = seriesVersion({ rule: { ...rule, count: 2 } });
  const change = { operations: [changed('s', 500, { version: shorter })] };
  expect(judged(publishedSeries('s'), change)).toMatch(/its rule is .*COUNT=3, and should be .*=2/);
});

test('an exception may be deleted only when a rule does not have its start', () => {
  const dropped = { audit: audit(instanceAt('s', 3), state('SCHEDULED'), null) };
  const shorter = seriesVersion({ rule: { ...rule, count: 2 } });
  const change = { operations: [changed('s', 500, { version: shorter })] };
  const story = messagesOf(finalIsFinal);
  expect(story(publishedSeries('s'), dropped)).toContain('it was deleted');
  expect(story(publishedSeries('s'), dropped, change)).toBe('');
});
