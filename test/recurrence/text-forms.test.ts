import { describe, expect, test } from 'vitest';
import { parse } from '../../recurrence/index.ts';
import { firstInstants } from './text.ts';

const tokyo = { start: '20250415T100000', timezone: 'Asia/Tokyo' };
const oldClient =
  'RRULE:FREQ=DAILY;COUNT=10\nEXDATE;VALUE=DATE-TIME:20250423T010000Z\nRDATE;VALUE=DATE-TIME:20250430T010000Z';

test('the recurrence of an old client is read as it was', () => {
  expect(firstInstants({ ...tokyo, recurrence: oldClient })).toEqual(
    [15, 16, 17, 18, 19, 20, 21, 22, 24, 30].map((day) => `202504${day}T010000Z`),
  );
});

describe('the same recurrence is', () => {
  test.each([
    ['with CRLF', oldClient.replaceAll('\n', '\r\n')],
    ['folded', oldClient.replace('COUNT', 'CO\n UNT').replace('DATE-TIME', 'DATE\r\n\t-TIME')],
    ['in lower case', oldClient.toLowerCase()],
    ['with empty lines', `\n${oldClient.replace('\n', '\n\n')}\r\n`],
    ['with trailing semicolons', oldClient.replace('\n', ';\n')],
    ['with quoted parameters', oldClient.replaceAll('VALUE=DATE-TIME', 'VALUE="DATE-TIME"')],
    ['without the name RRULE', oldClient.replace('RRULE:', '')],
    ['with COUNT before FREQ', oldClient.replace('FREQ=DAILY;COUNT=10', 'COUNT=10;FREQ=DAILY')],
    ['with defaults written out', oldClient.replace('COUNT=10', 'COUNT=010;INTERVAL=01;WKST=MO')],
  ])('read %s', (_how, text) => {
    expect(parse(text)).toEqual(parse(oldClient));
  });
});

test('lists are sets: order and repeats mean nothing', () => {
  expect(parse('FREQ=YEARLY;BYMONTH=3,1,3;BYDAY=2TU,MO,2TU;BYHOUR=09,9,8')).toEqual(
    parse('FREQ=YEARLY;BYMONTH=1,3;BYDAY=MO,+2TU;BYHOUR=8,9'),
  );
});

test('a leap second reads as the one before it', () => {
  expect(parse('FREQ=MINUTELY;BYSECOND=59,60')).toEqual(parse('FREQ=MINUTELY;BYSECOND=59'));
});

test.each([
  ['RDATE:20250416T100000', '20250416T010000Z'],
  ['RDATE:20250416T100000Z', '20250416T100000Z'],
  ['RDATE;TZID=Europe/Berlin:20250416T100000', '20250416T080000Z'],
  ['RDATE;TZID="Europe/Berlin":20250416T100000', '20250416T080000Z'],
  ['RDATE;TZID=Europe/Berlin:20250416T100000Z', '20250416T100000Z'],
  ['RDATE;VALUE=DATE:20250416', '20250416T010000Z'],
  ['RDATE;VALUE=PERIOD:20250416T100000Z/PT1H', '20250416T100000Z'],
])('%s adds %s to the start', (recurrence, instant) => {
  expect(firstInstants({ ...tokyo, recurrence })).toEqual(['20250415T010000Z', instant]);
});
