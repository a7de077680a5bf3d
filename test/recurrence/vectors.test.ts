import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { finish } from '../../recurrence/index.ts';
import { firstInstants, secondsOf, seriesOf } from './text.ts';

interface Vector {
  readonly dtstart: string;
  readonly tz: string;
  readonly rrule: string;
  readonly exdate?: string | null;
  readonly rdate?: string | null;
  /** 1: these are all */
  readonly full?: number;
  readonly utc?: readonly string[];
  /** with gap `skip` and `shift` */
  readonly omit?: readonly string[];
  readonly shift?: readonly string[];
}

function read(name: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));
}

function textOf({ dtstart, tz, rrule, exdate, rdate }: Vector) {
  const lines = [
    `RRULE:${rrule}`,
    ...(exdate ? [`EXDATE:${exdate}`] : []),
    ...(rdate ? [`RDATE:${rdate}`] : []),
  ];
  return { start: dtstart, timezone: tz, recurrence: lines.join('\n') };
}

describe.each([
  ['rfc5545-examples', 42],
  ['recurrence-vectors', 26],
] as const)('%s', (name, size) => {
  const vectors = read(name);

  test('are all here', () => {
    expect(vectors).toHaveLength(size);
  });

  test.each(vectors)('$dtstart $tz $rrule', (vector) => {
    const utc = vector.utc as string[];
    // One more than listed: a complete list must end.
    const limit = vector.full ? utc.length + 1 : utc.length;
    expect(firstInstants(textOf(vector), limit)).toEqual(utc);
  });

  test.each(vectors)('places in $rrule from $dtstart', (vector) => {
    const series = seriesOf(textOf(vector));
    const places = vector.utc?.map((instant) => finish(series.indexOf(secondsOf(instant))));
    expect(places).toEqual(vector.utc?.map((_instant, index) => index));
  });
});

describe('dst-policy-vectors', () => {
  test.each(read('dst-policy-vectors'))('$dtstart $tz $rrule', (vector) => {
    const text = textOf(vector);
    expect(firstInstants({ ...text, gap: 'skip' })).toEqual(vector.omit);
    expect(firstInstants({ ...text, gap: 'shift' })).toEqual(vector.shift);
  });
});
