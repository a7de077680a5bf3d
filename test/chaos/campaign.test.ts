import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';

test('two minutes of faults find no violation', { timeout: 600_000 }, async () => {
  const { code, output } = await chaos(['--minutes', '2']);
  expect({ code, end: output.split('\n').at(-1) }, output).toEqual({
    code: 0,
    end: '0 violations',
  });
});
