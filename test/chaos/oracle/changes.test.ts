import { expect, test } from 'vitest';
import { acknowledgedCancel } from '../../../chaos/oracle/properties/acknowledged-cancel.ts';
import { acknowledgedChange } from '../../../chaos/oracle/properties/acknowledged-change.ts';
import { refusedChange } from '../../../chaos/oracle/properties/refused-change.ts';
import { messagesOf } from './convictions.ts';
import { audit, history, operation, published, record, row, state, T, version } from './story.ts';

const other = version({ payload: 'b3RoZXI=' });
const third = version({ payload: 'dGhpcmQ=' });
const change = (of = other, from = T + 20, to = T + 30) =>
  operation('a', { kind: 'replace', version: of, from, to });
const cancel = operation('a', { kind: 'cancel', from: T + 20, to: T + 30 });
const canceled = {
  operations: [operation('a'), cancel],
  rows: [row('a', { status: 'CANCELED' as const })],
};
/** Of the events of a part everything but what was asked for. */
const arrived = (of = version()) => ({ ...published('a', of), operations: [operation('a')] });

const changed = messagesOf(acknowledgedChange);
const cancelled = messagesOf(acknowledgedCancel);
const refused = messagesOf(refusedChange);

test('the change that was answered ok arrives', () => {
  const story = history(arrived(other), { operations: [change()] });
  expect(acknowledgedChange.judge(story)).toEqual({ checked: 1, violations: [] });
});

test('what was before a change that was answered ok is convicted, in record and row', () => {
  const messages = changed(arrived(), { operations: [change()] });
  expect(messages).toMatch(/its record is of a version that had been replaced; its row is/);
});

test('of changes after one another the last counts', () => {
  const both = { operations: [change(), change(third, T + 40, T + 50)] };
  expect(changed(arrived(third), both)).toBe('');
  expect(changed(arrived(other), both)).toMatch(/had been replaced/);
});

test('of changes that overlap either may be the last', () => {
  const both = { operations: [change(), change(third, T + 25, T + 50)] };
  expect(changed(arrived(third), both)).toBe('');
  expect(changed(arrived(other), both)).toBe('');
});

test('a change without an answer may take effect after later ones', () => {
  const unknown = { ...change(), outcome: 'unknown' as const };
  const both = { operations: [unknown, change(third, T + 40, T + 50)] };
  expect(changed(arrived(other), both)).toBe('');
  expect(changed(arrived(third), both)).toBe('');
  expect(changed(arrived(), both)).toMatch(/had been replaced/);
});

test('a changed event that is not in the database is convicted', () => {
  expect(changed({ operations: [operation('a'), change()] })).toMatch(/not in the database/);
});

test('what was cancelled is CANCELED and on no topic', () => {
  expect(acknowledgedCancel.judge(history(canceled))).toEqual({ checked: 1, violations: [] });
});

test('what was cancelled and is on a topic, or of another status, is convicted', () => {
  expect(cancelled(canceled, { log: [record('a')] })).toMatch(/it is on steady\/0/);
  expect(cancelled({ ...canceled, rows: [row('a', { status: 'SCHEDULED' })] })).toMatch(
    /it is SCHEDULED/,
  );
  expect(cancelled({ ...canceled, rows: [] })).toMatch(/not in the database/);
});

test('a change after a cancel is convicted, one beside it is not', () => {
  expect(cancelled(canceled, { operations: [change(other, T + 40, T + 50)] })).toMatch(
    /changed with the answer ok/,
  );
  expect(cancelled(canceled, { operations: [change(other, T + 25, T + 50)] })).toBe('');
});

test('a cancel without an answer promises nothing', () => {
  const unknown = { ...cancel, outcome: 'unknown' as const };
  expect(cancelled(published('a'), { operations: [unknown] })).toBe('');
});

test('what was refused has no effect', () => {
  const no = { ...change(), outcome: 'refused' as const, code: 'in_flight' };
  const story = history(published('a'), { operations: [no] });
  expect(refusedChange.judge(story)).toEqual({ checked: 1, violations: [] });
  const messages = refused(arrived(other), { operations: [no] });
  expect(messages).toMatch(/its row is of a version that was refused; its record is/);
});

test('what was refused once and asked for again may be there', () => {
  const no = { ...change(), outcome: 'refused' as const, code: 'in_flight' };
  expect(refused(arrived(other), { operations: [no, change(other, T + 40, T + 50)] })).toBe('');
});

test('an event that is CANCELED without a cancel that may have been granted is convicted', () => {
  const no = { ...cancel, outcome: 'refused' as const, code: 'SC042' };
  const rows = [row('a', { status: 'CANCELED' as const })];
  expect(refused({ operations: [operation('a'), no], rows })).toMatch(
    /every cancel of it was refused/,
  );
  expect(refused({ operations: [operation('a'), { ...cancel, outcome: 'unknown' }], rows })).toBe(
    '',
  );
});

test('a reason that does not hold is convicted', () => {
  const no = (code: string, to = T + 30) => ({ ...cancel, outcome: 'refused' as const, code, to });
  expect(refused(published('a'), { operations: [no('SC041', T + 2_000)] })).toBe('');
  expect(refused(published('a'), { operations: [no('SC041')] })).toMatch(
    /it is final, and it was not yet/,
  );
  expect(refused(published('a'), { operations: [no('not_found')] })).toMatch(
    /not_found after its creation/,
  );
  const waiting = { operations: [operation('a')], audit: audit('a', state('SCHEDULED')) };
  expect(refused(waiting, { operations: [no('final')] })).toMatch(
    /it is final, and it was not yet/,
  );
});
