import { expect, test } from 'vitest';
import { wholeOrNothing } from '../../../chaos/oracle/properties/whole-or-nothing.ts';
import { messagesOf } from './convictions.ts';
import { history, operation, published, row, version } from './story.ts';

const judged = messagesOf(wholeOrNothing);
const unknown = operation('a', { outcome: 'unknown' });

test('an acknowledged event is there as it was asked for', () => {
  expect(wholeOrNothing.judge(history(published('a')))).toEqual({ checked: 1, violations: [] });
});

test('an acknowledged event that is not there is convicted', () => {
  expect(judged({ operations: [operation('a')] })).toMatch(/answered ok, and it is not/);
});

test('an unacknowledged event may be there or not', () => {
  expect(judged({ operations: [unknown] })).toBe('');
  expect(judged({ operations: [unknown], rows: [row('a')] })).toBe('');
});

test('half an event is convicted, acknowledged or not', () => {
  const half = [row('a', { key: 'lost', headers: { tag: 't' } })];
  expect(judged({ operations: [unknown], rows: half })).toMatch(/differs in key, header tag/);
  expect(judged({ operations: [operation('a')], rows: half })).toMatch(
    /differs in key, header tag/,
  );
});

test('an event that was refused or that nobody asked for is convicted', () => {
  const refused = operation('a', { outcome: 'refused', code: 'invalid_topic' });
  expect(judged({ operations: [refused] })).toBe('');
  expect(judged({ operations: [refused], rows: [row('a')] })).toMatch(/its creation was refused/);
  expect(judged({ rows: [row('a')] })).toMatch(/never asked for/);
});

test('a changed event is the one version or the other, not a mixture', () => {
  const other = version({ payload: 'b3RoZXI=', key: 'k' });
  const operations = [operation('a'), operation('a', { kind: 'replace', version: other })];
  expect(judged({ operations, rows: [row('a', other)] })).toBe('');
  expect(judged({ operations, rows: [row('a', { payload: other.payload })] })).toMatch(
    /differs in/,
  );
});
