import { expect, test } from 'vitest';
import { drained } from '../../../chaos/oracle/properties/drained.ts';
import { finalIsFinal } from '../../../chaos/oracle/properties/final-is-final.ts';
import { restored } from '../../../chaos/oracle/properties/restored.ts';
import { staysUp } from '../../../chaos/oracle/properties/stays-up.ts';
import { messagesOf } from './convictions.ts';
import { audit, history, published, record, row, state, T } from './story.ts';

const judged = messagesOf(finalIsFinal);
const undrained = messagesOf(drained);
const after = messagesOf(restored);
const scheduled = state('SCHEDULED');

test('from SCHEDULED, over attempts one by one, to a final state', () => {
  expect(finalIsFinal.judge(history(published('a')))).toEqual({ checked: 2, violations: [] });
  const tried = audit(
    'a',
    scheduled,
    state('SCHEDULED', 1),
    state('SCHEDULED', 2),
    state('FAILED', 3),
  );
  const rows = [row('a', { status: 'FAILED', retry: 3 })];
  expect(judged({ audit: tried, rows })).toBe('');
});

test.each(['PUBLISHED', 'CANCELED', 'FAILED'] as const)(
  'whatever becomes of a %s event is convicted',
  (status) => {
    const steps = [scheduled, state(status)];
    for (const next of [scheduled, state('CANCELED'), state(status)]) {
      const rows = [row('a', { status: next.status })];
      expect(judged({ audit: audit('a', ...steps, next), rows })).toMatch(/which is final/);
    }
  },
);

test.each([
  ['a deletion', audit('a', scheduled, null), /it was deleted when it was SCHEDULED/],
  ['a beginning as PUBLISHED', audit('a', state('PUBLISHED')), /it began as PUBLISHED/],
  [
    'two attempts at once',
    audit('a', scheduled, state('SCHEDULED', 2)),
    /became SCHEDULED with retry 2/,
  ],
  [
    'an attempt taken back',
    audit('a', scheduled, state('SCHEDULED', 1), scheduled),
    /became SCHEDULED with retry 0/,
  ],
  [
    'an attempt of a PUBLISHED event',
    audit('a', scheduled, state('PUBLISHED', 1)),
    /became PUBLISHED with retry 1/,
  ],
])('%s is convicted', (_, entries, message) => {
  const last = entries.at(-1)?.after;
  expect(judged({ audit: entries, rows: last ? [row('a', last)] : [] })).toMatch(message);
});

test('a change that nobody witnessed is convicted', () => {
  expect(judged({ audit: audit('a', scheduled), rows: [row('a')] })).toMatch(
    /at the end it is PUBLISHED/,
  );
  const gap = audit('a', scheduled, state('PUBLISHED')).map((entry) => ({
    ...entry,
    before: null,
  }));
  expect(judged({ audit: gap, rows: [row('a')] })).toMatch(/then changed from not there/);
  expect(judged({ rows: [row('a')] })).toMatch(/not there/);
});

const lane = { lane: 0, quarantineReason: null, openBatch: null };

test('all that was due is done, and what is due later waits', () => {
  const later = row('b', { status: 'SCHEDULED', instant: T + 3_600_000 });
  expect(drained.judge(history(published('a'), { rows: [later], lanes: [lane] }))).toEqual({
    checked: 3,
    violations: [],
  });
});

test('what is due and SCHEDULED, a quarantined lane and an open batch are convicted', () => {
  expect(undrained({ rows: [row('a', { status: 'SCHEDULED' })] })).toMatch(/due 19000 ms before/);
  expect(undrained({ lanes: [{ ...lane, quarantineReason: 'gone' }] })).toMatch(
    /lane 0 is quarantined: gone/,
  );
  expect(undrained({ lanes: [{ ...lane, openBatch: 'b1' }] })).toMatch(/lane 0 has batch b1 open/);
});

test('lanes of a database that was set back stand still, and publish nothing again', () => {
  const still = { lane: 0, movedOn: true, quarantined: true };
  const { log = [] } = published('a');
  const story = (lanes: (typeof still)[], more = log) => [
    published('a'),
    { restoration: { at: T + 9_000, lanes, log: [...more] } },
  ];
  expect(after(...story([still, { lane: 1, movedOn: false, quarantined: false }]))).toBe('');
  expect(after(...story([{ ...still, quarantined: false }]))).toMatch(/lane 0 had published since/);
  const again = record('a', { offset: 9, timestamp: T + 9_500 });
  expect(after(...story([still], [...log, again]))).toMatch(/published again/);
});

test('a program that ended by itself is convicted', () => {
  expect(messagesOf(staysUp)({ deaths: [{ at: T, how: 'relay 1 with code 1' }] })).toContain(
    'relay 1',
  );
  expect(staysUp.judge(history())).toEqual({ checked: 1, violations: [] });
});
