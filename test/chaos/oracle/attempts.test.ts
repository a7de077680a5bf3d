import { expect, test } from 'vitest';
import type { EventVersion } from '../../../chaos/history.ts';
import { attempts } from '../../../chaos/oracle/properties/attempts.ts';
import { messagesOf } from './convictions.ts';
import { history, operation, published, row, T, version } from './story.ts';

const judged = messagesOf(attempts);
const large = Buffer.alloc(6_000).toString('base64');

/** Of an event that became FAILED after three attempts. */
function failed(of: Partial<EventVersion>, code: string, at = T + 2_000) {
  const tried = [0, 1, 2].map((i) => ({ at: at + i * 300, code }));
  return {
    operations: [operation('a', { version: version(of) })],
    rows: [
      row('a', { ...version(of), status: 'FAILED' as const, attempts: tried, lastError: code }),
    ],
  };
}

test('an event that was published at once has none', () => {
  expect(attempts.judge(history(published('a')))).toEqual({ checked: 1, violations: [] });
});

test('a topic that does not exist, and one that takes no such message, deserve them', () => {
  expect(judged(failed({ topic: 'missing' }, 'unknown_topic'))).toBe('');
  expect(judged(failed({ topic: 'narrow', payload: large }, 'record_too_large'))).toBe('');
});

test('a topic that is away for a while deserves them about then', () => {
  expect(judged(failed({ topic: 'fleeting' }, 'unknown_topic', T + 5_100))).toBe('');
  expect(judged(failed({ topic: 'fleeting' }, 'unknown_topic', T + 1_000))).toMatch(
    /no broker can have/,
  );
});

test.each([
  [{ topic: 'steady' }, 'request_timed_out'],
  [{ topic: 'steady' }, 'unknown_topic'],
  [{ topic: 'missing' }, 'connection_closed'],
  [{ topic: 'narrow' }, 'record_too_large'],
  [{ topic: 'narrow', payload: large }, 'unknown_topic'],
  [{ topic: 'fleeting' }, 'record_too_large'],
])('attempts of %j for %s are convicted', (of, code) => {
  expect(judged(failed(of, code, T + 5_100))).toContain(`counted for ${code}`);
});

test('an attempt of a version that was replaced later stays', () => {
  const { operations } = failed({ topic: 'missing' }, 'unknown_topic');
  const change = operation('a', { kind: 'replace', from: T + 3_000, to: T + 3_010 });
  const one = row('a', { attempts: [{ at: T + 2_000, code: 'unknown_topic' }] });
  expect(judged({ operations: [...operations, change], rows: [one] })).toBe('');
  const early = row('a', { attempts: [{ at: T - 1, code: 'unknown_topic' }] });
  expect(judged({ operations: [...operations, change], rows: [early] })).toMatch(
    /no broker can have/,
  );
});

test('a count that differs from the attempts on record is convicted', () => {
  expect(judged({ rows: [row('a', { retry: 1 })] })).toMatch(/retry 1, and 0 attempts/);
});

test('FAILED before the third attempt, and another status after it, are convicted', () => {
  const rows = [row('a', { status: 'FAILED', lastError: 'topic_not_granted' })];
  expect(judged({ rows })).toMatch(/FAILED after 0 attempts \(last error topic_not_granted\)/);
  const { operations, rows: three } = failed({ topic: 'missing' }, 'unknown_topic');
  expect(
    judged({ operations, rows: three.map((one) => ({ ...one, status: 'SCHEDULED' as const })) }),
  ).toMatch(/SCHEDULED after 3/);
});
