import { expect, test } from 'vitest';
import { content } from '../../../chaos/oracle/properties/content.ts';
import { messagesOf } from './convictions.ts';
import { history, operation, published, record, T, version } from './story.ts';

const judged = messagesOf(content);

test('a record that says what was asked for is in order, with a key of its own or the id', () => {
  const rich = version({ key: 'k', headers: { tag: 't', ce_type: 'mine' } });
  expect(content.judge(history(published('a'), published('b', rich)))).toEqual({
    checked: 2,
    violations: [],
  });
});

test.each([
  ['payload', { payload: 'b3RoZXI=' }],
  ['key', { key: 'other' }],
  ['topic', { topic: 'other' }],
  ['header ce_time', { headers: { ce_time: new Date(T).toISOString() } }],
  ['header ce_time', { headers: { ce_time: 'soon' } }],
  ['header ce_source', { headers: { ce_source: '/elsewhere' } }],
  ['header ce_type', { headers: { ce_type: 'other' } }],
  ['header ce_specversion', { headers: { ce_specversion: '0.3' } }],
  ['header extra', { headers: { extra: 'x' } }],
])('a record with another %s is convicted', (field, wrong) => {
  expect(judged(published('a', version(), wrong))).toContain(`differs in ${field}`);
});

test('a missing header of the caller is convicted', () => {
  const { log: _, ...rest } = published('a', version({ headers: { tag: 't' } }));
  expect(judged({ ...rest, deliveries: [], log: [record('a')] })).toContain(
    'differs in header tag',
  );
});

test('a mixture of two versions is convicted', () => {
  const other = version({ payload: 'b3RoZXI=', key: 'k' });
  const change = operation('a', { kind: 'replace', version: other, from: T + 20, to: T + 30 });
  const mixed = published('a', version(), { payload: 'b3RoZXI=' });
  expect(judged(mixed, { operations: [change] })).toContain('no version that was asked for');
});

test('a record of another version than the row is convicted, whichever may have been the last', () => {
  const other = version({ payload: 'b3RoZXI=' });
  const change = operation('a', { kind: 'replace', version: other, outcome: 'unknown' });
  const { rows: _, ...rest } = published('a');
  const { rows } = published('a', other);
  expect(judged({ ...rest, rows: rows ?? [] }, { operations: [change] })).toContain(
    'of different versions: payload',
  );
});
