import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';

test('a minute of faults finds no violation', { timeout: 600_000 }, async () => {
  const { code, output } = await chaos(['--minutes', '1']);
  expect({ code, end: output.split('\n').at(-1) }, output).toEqual({
    code: 0,
    end: '0 violations',
  });
});
