import { describe, expect, test } from 'vitest';
import {
  check,
  finish,
  limits,
  parse,
  RecurrenceError,
  type RecurrenceErrorCode,
} from '../../recurrence/index.ts';
import { seriesOf } from './text.ts';

function refusal(text: string, start = '20250415T100000'): RecurrenceError {
  try {
    finish(check(seriesOf({ start, timezone: 'Asia/Tokyo', recurrence: text })));
  } catch (error) {
    if (error instanceof RecurrenceError) {
      return error;
    }
    throw error;
  }
  throw new Error(`${text} was taken`);
}

/** text, code, part at fault */
const refused: [text: string, code: RecurrenceErrorCode, part: string][] = [
  ['\n', 'missing', 'RRULE'],
  ['EXDATE:20250415T100000', 'missing', 'RRULE'],
  ['daily', 'malformed', 'recurrence'],
  [' RRULE:FREQ=DAILY', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY\n\tÄ', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY\rEXDATE:20250415T100000', 'malformed', 'recurrence'],
  ['RRULE:FREQ=\u017fECONDLY', 'malformed', 'recurrence'],
  ['RRULE FREQ=DAILY', 'malformed', 'recurrence'],
  ['RRULE;X=Y:FREQ=DAILY', 'unsupported', 'X'],
  ['RRULE;:FREQ=DAILY', 'malformed', 'RRULE'],
  ['DTSTART:20250415T100000\nRRULE:FREQ=DAILY', 'unsupported', 'DTSTART'],
  ['DTEND:20250415T100000\nRRULE:FREQ=DAILY', 'unsupported', 'DTEND'],
  ['EXRULE:FREQ=DAILY', 'unsupported', 'EXRULE'],
  ['X-WHAT:1', 'unsupported', 'X-WHAT'],
  ['RRULE:', 'malformed', 'RRULE'],
  ['RRULE:FREQ', 'malformed', 'FREQ'],
  ['RRULE:FREQ=', 'malformed', 'FREQ'],
  ['RRULE:FREQ=DAILY;;COUNT=1', 'malformed', 'RRULE'],
  ['RRULE:FREQ=DAILY;COUNT=1=1', 'malformed', 'COUNT'],
  ['RRULE:FREQ=DAILY; COUNT=1', 'unsupported', ' COUNT'],
  ['RRULE:COUNT=3', 'missing', 'FREQ'],
  ['RRULE:FREQ=DAILY;FREQ=DAILY', 'repeated', 'FREQ'],
  ['RRULE:FREQ=DAILY;BYHOUR=1;BYHOUR=2', 'repeated', 'BYHOUR'],
  ['RRULE:FREQ=FORTNIGHTLY', 'out_of_range', 'FREQ'],
  ['RRULE:FREQ=DAILY;BYEASTER=1', 'unsupported', 'BYEASTER'],
  ['RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260101T000000Z', 'contradiction', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=0', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=-1', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=1.5', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=1e3', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=9999999999999999', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;INTERVAL=0', 'out_of_range', 'INTERVAL'],
  ['RRULE:FREQ=DAILY;INTERVAL=2147483648', 'out_of_range', 'INTERVAL'],
  ['RRULE:FREQ=DAILY;UNTIL=2026', 'malformed', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260229', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T240000Z', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T000000+0900', 'malformed', 'UNTIL'],
  ['RRULE:FREQ=MINUTELY;BYSECOND=61', 'out_of_range', 'BYSECOND'],
  ['RRULE:FREQ=DAILY;BYMINUTE=60', 'out_of_range', 'BYMINUTE'],
  ['RRULE:FREQ=DAILY;BYHOUR=24', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=-1', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=9,', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=0', 'out_of_range', 'BYMONTHDAY'],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=32', 'out_of_range', 'BYMONTHDAY'],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=-32', 'out_of_range', 'BYMONTHDAY'],
  ['RRULE:FREQ=YEARLY;BYYEARDAY=0', 'out_of_range', 'BYYEARDAY'],
  ['RRULE:FREQ=YEARLY;BYYEARDAY=367', 'out_of_range', 'BYYEARDAY'],
  ['RRULE:FREQ=YEARLY;BYWEEKNO=0', 'out_of_range', 'BYWEEKNO'],
  ['RRULE:FREQ=YEARLY;BYWEEKNO=54', 'out_of_range', 'BYWEEKNO'],
  ['RRULE:FREQ=YEARLY;BYMONTH=0', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYMONTH=13', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYMONTH=5L', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYDAY=0MO', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYDAY=54MO', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYDAY=MON', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0', 'out_of_range', 'BYSETPOS'],
  ['RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367', 'out_of_range', 'BYSETPOS'],
  ['RRULE:FREQ=WEEKLY;WKST=1MO', 'out_of_range', 'WKST'],
  ['RRULE:FREQ=MONTHLY;BYSETPOS=1', 'contradiction', 'BYSETPOS'],
  ['RRULE:FREQ=WEEKLY;BYMONTHDAY=1', 'contradiction', 'BYMONTHDAY'],
  ['RRULE:FREQ=WEEKLY;BYDAY=1MO', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=DAILY;BYDAY=-1MO', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=HOURLY;BYDAY=2MO', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=MONTHLY;BYWEEKNO=1', 'contradiction', 'BYWEEKNO'],
  ['RRULE:FREQ=SECONDLY;BYWEEKNO=1', 'contradiction', 'BYWEEKNO'],
  ['RRULE:FREQ=DAILY;BYYEARDAY=1', 'contradiction', 'BYYEARDAY'],
  ['RRULE:FREQ=WEEKLY;BYYEARDAY=1', 'contradiction', 'BYYEARDAY'],
  ['RRULE:FREQ=MONTHLY;BYYEARDAY=1', 'contradiction', 'BYYEARDAY'],
  ['RRULE:RSCALE=HEBREW;FREQ=YEARLY', 'unsupported', 'RSCALE'],
  ['RRULE:FREQ=MONTHLY;SKIP=FORWARD', 'contradiction', 'SKIP'],
  ['RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=NEXT', 'out_of_range', 'SKIP'],
  ['RRULE:FREQ=DAILY\nRRULE:FREQ=HOURLY;BYHOUR=25', 'out_of_range', 'BYHOUR'],
  ['RDATE:', 'malformed', 'RDATE'],
  ['RDATE:20250415', 'malformed', 'RDATE'],
  ['RDATE:20250415T1000', 'malformed', 'RDATE'],
  ['RDATE;VALUE=DATE:20250431', 'out_of_range', 'RDATE'],
  ['RDATE;VALUE=TIME:100000', 'unsupported', 'VALUE'],
  ['RDATE;VALUE=DATE;VALUE=DATE:20250415', 'repeated', 'VALUE'],
  ['RDATE;RANGE=ALL:20250415T100000', 'unsupported', 'RANGE'],
  ['RDATE;TZID=PST:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID="asia/tokyo":20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=Asia/Tokio:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID="Asia/Tokyo:20250415T100000', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000/PT0S', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000/-PT1H', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000/20250415T100000', 'contradiction', 'RDATE'],
  ['RRULE:FREQ=DAILY\nEXDATE;VALUE=PERIOD:20250415T100000/PT1H', 'unsupported', 'VALUE'],
  ['RRULE:FREQ=DAILY\nEXDATE:20250415T100000,', 'malformed', 'EXDATE'],
  ['RRULE:FREQ=DAILY;UNTIL=20250401T000000Z', 'no_instances', 'recurrence'],
  ['RRULE:FREQ=DAILY;COUNT=1\nEXDATE:20250415T100000', 'no_instances', 'recurrence'],
  ['RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'no_instances', 'RRULE'],
  ['RRULE:FREQ=MONTHLY;BYDAY=6MO', 'no_instances', 'recurrence'],
  ['RRULE:FREQ=WEEKLY;BYSETPOS=2;BYDAY=MO', 'no_instances', 'recurrence'],
  ['RRULE:FREQ=DAILY;BYHOUR=9;BYSETPOS=2', 'no_instances', 'RRULE'],
  ['RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=9', 'no_instances', 'RRULE'],
  ['RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=1', 'no_instances', 'RRULE'],
  // Every 42 hours is the same hour of the same weekday each fourth time.
  ['RRULE:FREQ=HOURLY;INTERVAL=42;BYDAY=TH;BYHOUR=10', 'too_sparse', 'RRULE'],
  ['RRULE:FREQ=HOURLY;INTERVAL=42;BYDAY=TH;BYHOUR=10;UNTIL=20300101', 'no_instances', 'recurrence'],
];

describe('what is refused', () => {
  test.each(refused)('%j is %s in %s', (text, code, part) => {
    const error = refusal(text);
    expect({ code: error.code, part: error.part }).toEqual({ code, part });
    expect(error.remedy).toMatch(/^[A-Z].*\.$/);
    expect(error.message).toContain(error.remedy);
    expect(error.message.length).toBeLessThan(400);
  });
});

describe('what is too large', () => {
  const dates = (count: number) => Array(count).fill('20250415T100000').join(',');

  test.each([
    [`RRULE:FREQ=DAILY;X=${'1'.repeat(2 ** 20)}`, 'recurrence'],
    [`RDATE:${dates(limits.dates + 1)}`, 'RDATE'],
    [`RDATE:${dates(limits.dates)}\nRDATE:${dates(1)}`, 'RDATE'],
    [`RRULE:FREQ=DAILY\nEXDATE:${dates(limits.dates + 1)}`, 'EXDATE'],
    [
      Array(limits.rules + 1)
        .fill('RRULE:FREQ=DAILY')
        .join('\n'),
      'RRULE',
    ],
  ])('%.20s… in %s', (text, part) => {
    expect(refusal(text)).toMatchObject({ code: 'too_large', part });
  });

  test('as many dates as the limit says are taken', () => {
    expect(parse(`RDATE:${dates(limits.dates)}`).added).toHaveLength(limits.dates);
  });
});
