import { describe, expect, test } from 'vitest';
import { check, finish, formatInstant } from '../../recurrence/index.ts';
import { firstInstants, secondsOf, seriesOf, zones } from './text.ts';

/** Days and hours of the first occurrences, in UTC. */
function utc(start: string, ...lines: string[]): string[] {
  return firstInstants({ start, timezone: 'UTC', recurrence: lines.join('\n') }, 6).map((instant) =>
    instant.slice(0, 11),
  );
}

describe('DTSTART', () => {
  test('is the first instance and counts when the rule matches it', () => {
    expect(utc('20250106T090000', 'FREQ=WEEKLY;BYDAY=MO;COUNT=2')).toEqual([
      '20250106T09',
      '20250113T09',
    ]);
  });

  test('is no instance when the rule does not match it', () => {
    expect(utc('20250107T090000', 'FREQ=WEEKLY;BYDAY=MO;COUNT=2')).toEqual([
      '20250113T09',
      '20250120T09',
    ]);
  });

  test('gives the month of a YEARLY rule that names days of the month only', () => {
    expect(utc('20250310T090000', 'FREQ=YEARLY;BYMONTHDAY=15;COUNT=2')).toEqual([
      '20250315T09',
      '20260315T09',
    ]);
  });

  test('in the last week of the year before is found by BYWEEKNO', () => {
    expect(utc('20160102T090000', 'FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA;COUNT=2')).toEqual([
      '20160102T09',
      '20210102T09',
    ]);
  });
});

describe('BYSETPOS', () => {
  test('counts from the beginning of a week in which DTSTART lies', () => {
    expect(utc('20250108T090000', 'FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2;COUNT=2')).toEqual([
      '20250108T09',
      '20250115T09',
    ]);
  });

  test('counts days and times together', () => {
    expect(utc('20250101T000000', 'FREQ=MONTHLY;BYDAY=FR;BYHOUR=8,20;BYSETPOS=-1;COUNT=2')).toEqual(
      ['20250131T20', '20250228T20'],
    );
  });
});

describe('UNTIL', () => {
  const count = (until: string, start = '20250310T233000', timezone = 'America/New_York') =>
    firstInstants({ start, timezone, recurrence: `FREQ=DAILY;UNTIL=${until}` }).length;

  test('is inclusive as an instant', () => {
    expect([count('20250312T033000Z'), count('20250312T032959Z')]).toEqual([2, 1]);
  });

  test('is wall time of the zone when it has no Z', () => {
    expect([count('20250311T233000'), count('20250311T232959')]).toEqual([2, 1]);
  });

  test('reaches to the end of the local day when it is a date', () => {
    expect([count('20250311'), count('20250310')]).toEqual([2, 1]);
  });
});

describe('EXDATE', () => {
  test('does not lengthen COUNT', () => {
    expect(utc('20250101T090000', 'FREQ=DAILY;COUNT=3', 'EXDATE:20250102T090000')).toEqual([
      '20250101T09',
      '20250103T09',
    ]);
  });

  test('wins over RDATE', () => {
    expect(
      utc('20250101T090000', 'RDATE:20250102T090000,20250103T090000', 'EXDATE:20250102T090000Z'),
    ).toEqual(['20250101T09', '20250103T09']);
  });

  test('of a date excludes every instance of that local day', () => {
    const text = {
      start: '20250101T000000',
      timezone: 'Asia/Tokyo',
      recurrence: 'FREQ=HOURLY;INTERVAL=6;COUNT=8\nEXDATE;VALUE=DATE:20250102',
    };
    expect(firstInstants(text)).toEqual(
      ['20241231T15', '20241231T21', '20250101T03', '20250101T09'].map((hour) => `${hour}0000Z`),
    );
    const [last] = firstInstants(text).slice(-1);
    expect(finish(seriesOf(text).indexOf(secondsOf(last as string)))).toBe(3);
  });

  test('of a wall time that comes twice excludes both of a rule that gives both', () => {
    const text = { start: '20251102T000000', timezone: 'America/New_York' };
    const recurrence = 'FREQ=HOURLY;COUNT=3\nEXDATE:20251102T010000';
    expect(firstInstants({ ...text, recurrence })).toEqual([
      '20251102T040000Z',
      '20251102T070000Z',
    ]);
  });
});

describe('RDATE', () => {
  test('adds beyond COUNT, and nothing where there is an instance already', () => {
    expect(
      utc('20250101T090000', 'FREQ=DAILY;COUNT=2', 'RDATE:20250102T090000,20250301T090000'),
    ).toEqual(['20250101T09', '20250102T09', '20250301T09']);
  });

  test.each([
    ['20250309T000000/P1D', 23],
    ['20250309T000000/PT24H', 24],
    ['20250309T000000/20250309T060000', 5],
    ['20250309T050000Z/P1D', 24],
  ])('of the period %s lasts %i hours', (period, hours) => {
    const series = seriesOf({
      start: '20250101T000000',
      timezone: 'America/New_York',
      recurrence: `RDATE;VALUE=PERIOD:${period}`,
    });
    const { occurrences } = finish(series.between(0, Number.POSITIVE_INFINITY, 5));
    expect(occurrences.map(({ length }) => length)).toEqual([null, hours * 3600]);
  });
});

test('several rules are a union, each with its own COUNT', () => {
  expect(
    utc('20250101T090000', 'RRULE:FREQ=DAILY;COUNT=3', 'RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3'),
  ).toEqual(['20250101T09', '20250102T09', '20250103T09', '20250105T09']);
});

describe('SKIP (RFC 7529)', () => {
  const monthly = (skip: string) =>
    utc('20250131T090000', `RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=${skip};COUNT=4`);

  test.each([
    ['OMIT', ['20250131T09', '20250331T09', '20250531T09', '20250731T09']],
    ['BACKWARD', ['20250131T09', '20250228T09', '20250331T09', '20250430T09']],
    ['FORWARD', ['20250131T09', '20250301T09', '20250331T09', '20250501T09']],
  ])('%s of the 31st', (skip, days) => {
    expect(monthly(skip)).toEqual(days);
  });

  test('onto a day that the rule has anyway gives it once', () => {
    const rule = 'RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=1,31;COUNT=5';
    expect(utc('20250401T090000', rule)).toEqual([
      '20250401T09',
      '20250501T09',
      '20250531T09',
      '20250601T09',
      '20250701T09',
    ]);
  });

  test('of 29 February', () => {
    const rule = (skip: string) => `RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=${skip};COUNT=2`;
    expect(utc('20240229T090000', rule('FORWARD'))).toEqual(['20240229T09', '20250301T09']);
    expect(utc('20240229T090000', rule('BACKWARD'))).toEqual(['20240229T09', '20250228T09']);
  });

  test('of a month’s day -31 into the month before, where it is counted, too', () => {
    const series = seriesOf({
      start: '20250301T090000',
      timezone: 'UTC',
      recurrence:
        'RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=-31;BYHOUR=9,10,11;COUNT=6',
    });
    const { occurrences } = finish(series.between(0, Number.POSITIVE_INFINITY, 9));
    expect(occurrences.map(({ instant }) => formatInstant(instant).slice(5, 13))).toEqual([
      ...['03-01T09', '03-01T10', '03-01T11'],
      ...['03-31T09', '03-31T10', '03-31T11'],
    ]);
    expect(occurrences.map(({ instant }) => finish(series.indexOf(instant)))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });
});

describe('warnings', () => {
  const warnings = (recurrence: string, now?: string) =>
    finish(
      check(
        seriesOf({ start: '20250107T090000', timezone: 'UTC', recurrence }),
        now === undefined ? undefined : secondsOf(now),
      ),
    );

  test('tell that DTSTART does not match the rule', () => {
    expect(warnings('FREQ=WEEKLY;BYDAY=MO')).toEqual([{ code: 'start_not_matching' }]);
    expect(warnings('FREQ=WEEKLY;BYDAY=TU')).toEqual([]);
  });

  test('count the occurrences before now', () => {
    expect(warnings('FREQ=DAILY', '20250110T090000')).toEqual([
      { code: 'past_occurrences', count: 3 },
    ]);
    expect(warnings('FREQ=DAILY;COUNT=2', '20300101T000000')).toEqual([
      { code: 'past_occurrences', count: 2 },
    ]);
    expect(warnings('FREQ=DAILY', '20250107T090000')).toEqual([]);
  });
});

test.each(['EST', 'FOO+3', '+09:00', 'asia/tokyo', 'Asia/tokyo', 'GMT', 'Asia/Tokio', 'utc'])(
  '%s is no zone',
  (name) => {
    expect(zones.get(name)).toBeUndefined();
  },
);
