import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Implementation, ourAnswer } from './comparison.ts';
import type { Question } from './random-rules.ts';

/**
 * Written by test/verify/recurrence/record.ts: instants separated by spaces; null: no answer, or one that is
 * known to differ.
 */
type Recorded = Question & Readonly<Record<Implementation, string | null>>;

const file = new URL('vectors/other-implementations.json', import.meta.url);
const recorded: Recorded[] = JSON.parse(readFileSync(file, 'utf8'));

describe.each(['dateutil', 'libRecur'] as const)('as %s answered', (implementation) => {
  const answered = recorded.filter((one) => one[implementation] !== null);

  test('hundreds of rules', () => {
    expect(answered.length).toBeGreaterThan(200);
  });

  test.each(answered)('$rule from $start in $timezone', (one) => {
    expect(ourAnswer(one).join(' ')).toBe(one[implementation]);
  });
});
