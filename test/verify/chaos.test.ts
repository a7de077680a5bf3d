import { expect, test } from 'vitest';
import { chaos } from '../chaos/chaos.ts';

const HOUR = 3_600_000;

test('half an hour of faults finds no violation', { timeout: HOUR }, async () => {
  const { code, output } = await chaos(['--minutes', '30']);
  expect({ code, end: output.split('\n').at(-1) }, output).toEqual({
    code: 0,
    end: '0 violations',
  });
});

test('every mutant of the relay is convicted', { timeout: HOUR }, async () => {
  const { code, output } = await chaos(['--mutants']);
  expect(code, output).toBe(0);
});
