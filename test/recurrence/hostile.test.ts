import { describe, expect, test } from 'vitest';
import {
  check,
  finish,
  Meter,
  parse,
  parseInSlices,
  RecurrenceError,
  Series,
  type Work,
  workLimits,
  type Zone,
  Zones,
} from '../../recurrence/index.ts';
import { secondsOf, seriesOf } from './text.ts';

/** Steps that everything together may take: some milliseconds. Speed itself is for `npm run bench`. */
const MOST_STEPS = 450_000;
const NOW = secondsOf('20260101T120000');
const dates = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const day = new Date(Date.UTC(2016, 0, 1 + index)).toISOString();
    return `${day.slice(0, 10).replaceAll('-', '')}T090000`;
  }).join(',');

const hostile: [name: string, recurrence: string][] = [
  ['30 February by seconds', 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'],
  ['30 February by days', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'],
  ['30 February by months', 'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30'],
  ['a weekday that the interval misses', 'FREQ=DAILY;INTERVAL=7;BYDAY=TH'],
  ['an hour that the interval misses', 'FREQ=HOURLY;INTERVAL=24;BYHOUR=10'],
  ['a position that no set has', 'FREQ=YEARLY;BYMONTH=1;BYSETPOS=300'],
  ['29 February on a Monday by seconds', 'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO'],
  ['29 February, every 7 days', 'FREQ=DAILY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29'],
  [
    'a second that comes once in 236 years',
    'FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=4;BYSECOND=5',
  ],
  [
    'the same, on a Monday 29 February',
    'FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=4;BYSECOND=5;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO',
  ],
  ['odd seconds of even ones', 'FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5,7,9,11,13,15'],
  ['the greatest interval of seconds', 'FREQ=SECONDLY;INTERVAL=2147483647'],
  ['the greatest interval with filters', 'FREQ=SECONDLY;INTERVAL=2147483647;BYHOUR=1,2,3,4,5,6,7'],
  ['the greatest interval of days', 'FREQ=DAILY;INTERVAL=2147483647'],
  ['the greatest interval of years', 'FREQ=YEARLY;INTERVAL=2147483647'],
  ['a great COUNT of seconds', 'FREQ=SECONDLY;COUNT=1000000000000'],
  ['a great COUNT of filtered seconds', 'FREQ=SECONDLY;BYDAY=MO;BYHOUR=1,9;COUNT=1000000000000'],
  ['a great COUNT of days', 'FREQ=DAILY;COUNT=1000000000000'],
  ['a great COUNT of weekdays', 'FREQ=DAILY;BYDAY=MO,FR;COUNT=1000000000000'],
  ['every second of every year', everySecond('FREQ=YEARLY')],
  ['the last of every second of a year', `${everySecond('FREQ=YEARLY')};BYSETPOS=-1`],
  ['every second of every hour', everySecond('FREQ=HOURLY')],
  ['10,000 dates', `RDATE:${dates(10_000)}`],
  ['10,000 dates of a daily rule, excluded', `FREQ=DAILY\nEXDATE:${dates(10_000)}`],
  ['the year 9999', 'FREQ=YEARLY;UNTIL=99991231T235959Z'],
  ['a date in 9999', 'RDATE:99991231T235959'],
  ['16 rules of seconds', Array(16).fill('RRULE:FREQ=SECONDLY').join('\n')],
];

function everySecond(frequency: string): string {
  const to = (end: number) => Array.from({ length: end }, (_, index) => index).join(',');
  return `${frequency};BYMONTHDAY=1;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=${to(24)};BYMINUTE=${to(60)};BYSECOND=${to(60)}`;
}

describe.each(hostile)('%s', (_name, recurrence) => {
  test('is refused or answered in bounded work, with rests', () => {
    const start = '20160101T090000';
    const series = seriesOf({ start, timezone: 'America/New_York', recurrence });
    const meter = new Meter();
    try {
      rested(check(series, undefined, meter), meter);
    } catch (error) {
      expect(error).toBeInstanceOf(RecurrenceError);
      expect(meter.steps).toBeLessThan(MOST_STEPS);
      return;
    }
    for (const after of [Number.NEGATIVE_INFINITY, NOW, secondsOf('21000101T000000')]) {
      const following = rested(series.next(after, meter), meter);
      expect(following === null || following.instant > after).toBe(true);
    }
    expect(meter.steps).toBeLessThan(MOST_STEPS);
    const page = rested(series.between(NOW, NOW + 1e9, 100, meter), meter);
    expect(page.occurrences.length).toBeLessThanOrEqual(100);
    expect(meter.steps).toBeLessThan(MOST_STEPS);
  });

  test('tells a place, or does not after the limit of work', () => {
    const start = '20160101T090000';
    const series = seriesOf({ start, timezone: 'America/New_York', recurrence });
    const meter = new Meter();
    const count = rested(series.countBefore(NOW, meter), meter);
    expect(count === null || count >= 0).toBe(true);
    expect(meter.steps).toBeLessThan(workLimits.counting * 1.5);
  });
});

test.each([
  ['dates', `RDATE:${dates(10_000)}`],
  ['dates of another zone', `RDATE;TZID=Asia/Tokyo:${dates(10_000)}`],
  ['periods', `RDATE;VALUE=PERIOD:${dates(8_000).replaceAll(',', '/P1D,')}/P1D`],
  ['exclusions', `FREQ=DAILY\nEXDATE:${dates(10_000)}`],
])('thousands of %s are read with rests', (_what, recurrence) => {
  const fresh = new Zones();
  const meter = new Meter();
  const ruleSet = rested(parseInSlices(recurrence, meter), meter);
  const zone = fresh.get('America/New_York') as Zone;
  const start = secondsOf('20160101T090000');
  const series = rested(Series.open({ ruleSet, start, zone, zones: fresh }, meter), meter);
  expect(meter.steps).toBeGreaterThan(workLimits.slice);
  expect(finish(series.next(NOW))).toEqual(
    finish(new Series({ ruleSet: parse(recurrence), start, zone, zones: fresh }).next(NOW)),
  );
});

test('next of ordinary rules takes a handful of steps ten years on', () => {
  const rules = ['DAILY', 'WEEKLY;BYDAY=MO', 'MONTHLY', 'YEARLY', 'HOURLY', 'MINUTELY', 'SECONDLY'];
  const steps = rules.map((rule) => {
    const series = seriesOf({
      start: '20160104T090000',
      timezone: 'America/New_York',
      recurrence: `FREQ=${rule}`,
    });
    const meter = new Meter();
    finish(series.next(NOW, meter));
    return meter.steps;
  });
  // Most of them look up the zone's offsets.
  expect(Math.max(...steps)).toBeLessThan(10 * workLimits.lookup);
});

/** Finishes work and sees that it never does much between two rests. */
function rested<Result>(work: Work<Result>, meter: Meter): Result {
  for (;;) {
    const before = meter.steps;
    const turn = work.next();
    expect(meter.steps - before).toBeLessThan(workLimits.slice * 5);
    if (turn.done) {
      return turn.value;
    }
  }
}
