import { describe, expect, test } from 'vitest';
import {
  finish,
  formatInstant,
  Meter,
  RecurrenceError,
  type RevisedOccurrence,
  RevisedSeries,
  type Revision,
  type Watermark,
  Zone,
  Zones,
} from '../../recurrence/index.ts';
import { secondsOf, zones } from './text.ts';

const END = Number.POSITIVE_INFINITY;
const BEGINNING = Number.NEGATIVE_INFINITY;

interface Given {
  readonly start?: string;
  readonly timezone?: string;
  readonly overlap?: Revision['overlap'];
  /** in UTC, the last instant */
  readonly closed?: string;
}

function revision(number: number, recurrence: string, given: Given = {}): Revision {
  return {
    number,
    start: secondsOf(given.start ?? '20250101T100000'),
    timezone: given.timezone ?? 'Asia/Tokyo',
    recurrence,
    gap: 'shift',
    overlap: given.overlap ?? null,
    closedAt: given.closed === undefined ? null : secondsOf(given.closed),
  };
}

/** `0102T010000` for 2 January, 01:00 UTC, and the number of the revision where there are several. */
function text({ instant, revision: number }: RevisedOccurrence): string {
  return `${formatInstant(instant).slice(5, 16).replace(/[-:]/g, '')}/${number}`;
}

const texts = (occurrences: readonly RevisedOccurrence[]) => occurrences.map(text).join(' ');

function all(series: RevisedSeries, limit = 20): string {
  return texts(finish(series.between(BEGINNING, END, limit)).occurrences);
}

function left(series: RevisedSeries, watermark: Watermark | null, limit = 20): string {
  return texts(finish(series.after(watermark, END, limit)).occurrences);
}

/** Everything up to an occurrence that there is at an instant. */
function markAt(series: RevisedSeries, instant: string): Watermark {
  const found = finish(series.at(secondsOf(instant)));
  if (!found) throw new Error(`no occurrence at ${instant}`);
  return found;
}

describe('a series whose rule was changed', () => {
  const three = [
    revision(1, 'RRULE:FREQ=DAILY', { closed: '20250103T010000' }),
    revision(2, 'RRULE:FREQ=DAILY', { start: '20250102T120000', closed: '20250105T025959' }),
    revision(3, 'RRULE:FREQ=DAILY;COUNT=7', { start: '20241231T130000' }),
  ];
  const series = new RevisedSeries(three, zones);

  test('has of each rule what lies after the former one’s end and up to its own', () => {
    expect(all(series)).toBe(
      '0101T0100/1 0102T0100/1 0103T0100/1 0103T0300/2 0104T0300/2 0105T0400/3 0106T0400/3',
    );
  });

  test('takes the instant of the end itself to the old rule, one a fraction of a second later to the new', () => {
    const split = (closedAt: number) =>
      all(
        new RevisedSeries(
          [
            { ...revision(1, 'RRULE:FREQ=DAILY'), closedAt },
            revision(2, 'RRULE:FREQ=DAILY;COUNT=3'),
          ],
          zones,
        ),
      );
    const second = secondsOf('20250102T010000');
    expect(split(second - 0.000001)).toBe('0101T0100/1 0102T0100/2 0103T0100/2');
    expect(split(second)).toBe('0101T0100/1 0102T0100/1 0103T0100/2');
    expect(split(second + 0.999999)).toBe('0101T0100/1 0102T0100/1 0103T0100/2');
  });

  test('is paged across its revisions', () => {
    const from = secondsOf('20250103T010000');
    const page = finish(series.between(from, secondsOf('20250105T040000'), 3));
    expect([texts(page.occurrences), page.complete]).toEqual([
      '0103T0100/1 0103T0300/2 0104T0300/2',
      true,
    ]);
    const short = finish(series.between(from, secondsOf('20250105T040001'), 3));
    expect([texts(short.occurrences), short.complete]).toEqual([
      '0103T0100/1 0103T0300/2 0104T0300/2',
      false,
    ]);
    const none = finish(series.between(secondsOf('20250107T000000'), END, 3));
    expect(none).toEqual({ occurrences: [], complete: true });
  });

  test('finds an occurrence only in the revision that has its instant', () => {
    const at = (instant: string) => finish(series.at(secondsOf(instant)))?.revision;
    expect(['20250103T010000', '20250103T030000', '20250105T040000'].map(at)).toEqual([1, 2, 3]);
    // Occurrences of rules that did not hold yet, or any more.
    expect(['20250102T030000', '20250104T010000', '20241231T040000'].map(at)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(finish(series.at(secondsOf('20250103T010000') - 0.5))).toBe(null);
  });

  test('counts places in the set of the occurrence’s own rule', () => {
    const { occurrences } = finish(series.between(BEGINNING, END, 20));
    expect(occurrences.map((one) => finish(series.indexOf(one)))).toEqual([0, 1, 2, 1, 2, 5, 6]);
    expect(finish(series.indexOf({ instant: secondsOf('20250104T010001'), revision: 1 }))).toBe(
      null,
    );
  });

  test('goes on after a watermark in the same revision and into the next ones', () => {
    expect(left(series, markAt(series, '20250102T010000'))).toBe(
      '0103T0100/1 0103T0300/2 0104T0300/2 0105T0400/3 0106T0400/3',
    );
    expect(left(series, markAt(series, '20250103T010000'), 2)).toBe('0103T0300/2 0104T0300/2');
    expect(left(series, markAt(series, '20250106T040000'))).toBe('');
    expect(left(series, null, 1)).toBe('0101T0100/1');
  });

  test('says that nothing is left only when nothing is left', () => {
    const complete = (mark: Watermark | null, limit: number, to = END) =>
      finish(series.after(mark, to, limit)).complete;
    expect([complete(null, 7), complete(null, 6)]).toEqual([true, false]);
    expect(complete(markAt(series, '20250105T040000'), 1)).toBe(true);
    expect(complete(markAt(series, '20250104T030000'), 1)).toBe(false);
    expect(complete(null, 5, secondsOf('20250105T040000'))).toBe(true);
    expect(complete(null, 4, secondsOf('20250105T040000'))).toBe(false);
  });

  test('tells what is dealt with by revision, then by instant', () => {
    const mark = markAt(series, '20250103T030000');
    const { occurrences } = finish(series.between(BEGINNING, END, 20));
    expect(occurrences.map((one) => series.isDealtWith(one, mark))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(occurrences.some((one) => series.isDealtWith(one, null))).toBe(false);
  });

  test('makes a watermark of any instant, in the revision that it falls into', () => {
    const instant = secondsOf('20250104T000000');
    const mark = series.watermarkAt(instant);
    expect(mark).toEqual({ instant, wall: instant + 9 * 3600, secondPass: false, revision: 2 });
    expect(left(series, mark)).toBe('0104T0300/2 0105T0400/3 0106T0400/3');
    expect(series.watermarkAt(secondsOf('20250103T010000')).revision).toBe(1);
    expect(series.watermarkAt(secondsOf('20250103T010001')).revision).toBe(2);
  });

  test('finds the newest that is left before an instant, in whichever revision', () => {
    const newest = (instant: string, mark: Watermark | null = null) => {
      const found = finish(series.lastUntil(mark, secondsOf(instant)));
      return found && text(found);
    };
    expect(newest('20250101T005959')).toBe(null);
    expect(newest('20250101T010000')).toBe('0101T0100/1');
    expect(newest('20250103T025959')).toBe('0103T0100/1');
    expect(newest('20250105T035959')).toBe('0104T0300/2');
    expect(newest('20990101T000000')).toBe('0106T0400/3');
    expect(newest('20250103T025959', markAt(series, '20250102T010000'))).toBe('0103T0100/1');
    expect(newest('20250103T025959', markAt(series, '20250103T010000'))).toBe(null);
    expect(newest('20250105T040000', markAt(series, '20250103T010000'))).toBe('0105T0400/3');
  });
});

test('the newest before an instant takes bounded work, however dense or sparse the rule', () => {
  const now = secondsOf('20351231T235959');
  const rules = [
    'SECONDLY',
    'MINUTELY',
    'DAILY',
    'YEARLY',
    'SECONDLY;UNTIL=20250201T000000Z',
    'YEARLY;BYMONTH=2;BYMONTHDAY=29',
  ];
  const found = rules.map((rule) => {
    const series = new RevisedSeries(
      [revision(1, `RRULE:FREQ=${rule}`, { timezone: 'UTC' })],
      zones,
    );
    const meter = new Meter();
    const newest = finish(series.lastUntil(null, now, meter));
    expect(meter.steps).toBeLessThan(100_000);
    return newest && formatInstant(newest.instant);
  });
  expect(found).toEqual([
    '2035-12-31T23:59:59Z',
    '2035-12-31T23:59:00Z',
    '2035-12-31T10:00:00Z',
    '2035-01-01T10:00:00Z',
    '2025-02-01T00:00:00Z',
    '2032-02-29T10:00:00Z',
  ]);
});

test('finite are rules that end and dates alone', () => {
  const ends = (recurrence: string) => new RevisedSeries([revision(1, recurrence)], zones).isFinite;
  expect(ends('RRULE:FREQ=DAILY;COUNT=3')).toBe(true);
  expect(ends('RRULE:FREQ=DAILY;UNTIL=20260101')).toBe(true);
  expect(ends('RDATE:20260101T000000')).toBe(true);
  expect(ends('RRULE:FREQ=DAILY')).toBe(false);
  expect(ends('RRULE:FREQ=DAILY;COUNT=3\nRRULE:FREQ=YEARLY')).toBe(false);
  const trimmed = [
    revision(1, 'RRULE:FREQ=DAILY', { closed: '20250103T010000' }),
    revision(2, 'RRULE:FREQ=DAILY;COUNT=9'),
  ];
  expect(new RevisedSeries(trimmed, zones).isFinite).toBe(true);
});

test('zones and rules that are not known are refused, in former revisions, too', () => {
  const revisions = (first: Revision) => [
    { ...first, closedAt: 0 },
    revision(2, 'RRULE:FREQ=DAILY'),
  ];
  const opening = (first: Revision) => () => new RevisedSeries(revisions(first), zones);
  const elsewhere = revision(1, 'RRULE:FREQ=DAILY', { timezone: 'Mars/Olympus' });
  expect(opening(elsewhere)).toThrow('timezone is "Mars/Olympus", no known time zone');
  expect(opening(elsewhere)).toThrow(RecurrenceError);
  expect(opening(revision(1, 'RRULE:FREQ=OFTEN'))).toThrow(RecurrenceError);
});

describe('dates that were given', () => {
  const fixedOf = (recurrence: string) => {
    const series = new RevisedSeries([revision(1, recurrence)], zones);
    return finish(series.between(secondsOf('20250102T000000'), END, 9)).occurrences.map(
      ({ fixed }) => fixed,
    );
  };

  test.each([
    ['in UTC', 'RDATE:20250201T010000Z', true],
    ['in another zone', 'RDATE;TZID=Europe/Paris:20250201T100000', true],
    ['on the clock of the event', 'RDATE:20250201T100000', false],
    ['in the zone of the event, by its name', 'RDATE;TZID=Asia/Tokyo:20250201T100000', false],
    ['as days', 'RDATE;VALUE=DATE:20250201', false],
    ['as days of another zone', 'RDATE;VALUE=DATE;TZID=Europe/Paris:20250201', true],
    ['as a period in UTC', 'RDATE;VALUE=PERIOD:20250201T010000Z/PT1H', true],
    ['by a rule', 'RRULE:FREQ=DAILY;COUNT=2', false],
    ['by a rule, and again in UTC', 'RRULE:FREQ=DAILY;COUNT=2\nRDATE:20250102T010000Z', false],
  ])('%s', (_how, recurrence, fixed) => {
    expect(fixedOf(recurrence)).toEqual([fixed]);
  });
});

test('a day that a clock change skips keeps the wall time that was meant', () => {
  const days = revision(1, 'RDATE;VALUE=DATE:20250309', {
    start: '20250308T023000',
    timezone: 'America/New_York',
  });
  const { occurrences } = finish(new RevisedSeries([days], zones).between(BEGINNING, END, 9));
  expect(occurrences[1]).toMatchObject({
    instant: secondsOf('20250309T073000'),
    wall: secondsOf('20250309T023000'),
  });
});

/** A time zone database in which every zone is some time further east from an instant on. */
class NewerZones extends Zones {
  readonly #from: string;
  readonly #shift: number;

  constructor(from: string, shift: number) {
    super();
    this.#from = from;
    this.#shift = shift;
  }

  override get(name: string): Zone {
    return new NewerZone(name, secondsOf(this.#from), this.#shift);
  }
}

class NewerZone extends Zone {
  readonly #from: number;
  readonly #shift: number;

  constructor(name: string, from: number, shift: number) {
    super(name);
    this.#from = from;
    this.#shift = shift;
  }

  override offsetAt(instant: number): number {
    return super.offsetAt(instant) + (instant >= this.#from ? this.#shift : 0);
  }
}

describe('a newer time zone database', () => {
  const hourly = [revision(1, 'RRULE:FREQ=HOURLY', { start: '20250301T000000' })];
  const before = new RevisedSeries(hourly, zones);

  test.each([
    ['ahead of the watermark', '20250401T000000', '0301T2000/1 0301T2100/1'],
    ['before it, an hour to the east', '20250228T000000', '0301T1900/1 0301T2000/1'],
  ])('with a change %s repeats nothing and misses nothing', (_where, from, expected) => {
    const mark = markAt(before, '20250301T190000');
    const after = new RevisedSeries(hourly, new NewerZones(from, 3600));
    expect(left(after, mark, 2)).toBe(expected);
    const walls = finish(after.after(mark, END, 2)).occurrences.map(({ wall }) => wall);
    expect(walls).toEqual([mark.wall + 3600, mark.wall + 7200]);
  });

  test('does not move dates in UTC with their walls: none is repeated, none is missed', () => {
    const dates = ['20250301T183000Z', '20250301T193000Z', '20250301T203000Z'];
    const mixed = [
      revision(1, `RRULE:FREQ=DAILY\nRDATE:${dates.join()}`, {
        start: '20250301T040000',
        timezone: 'UTC',
      }),
    ];
    const mark = markAt(new RevisedSeries(mixed, zones), '20250301T193000');
    const east = new RevisedSeries(mixed, new NewerZones('20250228T000000', 3600));
    const west = new RevisedSeries(mixed, new NewerZones('20250228T000000', -3600));
    expect(left(east, mark, 3)).toBe('0301T2030/1 0302T0300/1 0303T0300/1');
    expect(left(west, mark, 3)).toBe('0301T2030/1 0302T0500/1 0303T0500/1');
  });

  test('moves what is dealt with of a doubled wall time by its pass', () => {
    const both = [
      revision(1, 'RRULE:FREQ=MINUTELY;INTERVAL=30', {
        start: '20251102T003000',
        timezone: 'America/New_York',
      }),
    ];
    const series = new RevisedSeries(both, zones);
    const first = markAt(series, '20251102T053000');
    const second = markAt(series, '20251102T063000');
    expect([first.wall, first.secondPass]).toEqual([second.wall, false]);
    expect(second.secondPass).toBe(true);
    expect(left(series, first, 3)).toBe('1102T0600/1 1102T0630/1 1102T0700/1');
    expect(left(series, second, 1)).toBe('1102T0700/1');
  });

  test('lets the newest be a date in UTC that the moved rule overtook', () => {
    const mixed = [
      revision(1, 'RRULE:FREQ=HOURLY;COUNT=20\nRDATE:20250301T183000Z', {
        start: '20250301T000000',
        timezone: 'UTC',
      }),
    ];
    // Wall times of before are an hour later now, so that those up to 19:00 UTC are dealt with.
    const mark = markAt(new RevisedSeries(mixed, zones), '20250301T180000');
    const west = new RevisedSeries(mixed, new NewerZones('20250228T000000', -3600));
    expect(left(west, mark)).toBe('0301T1830/1 0301T2000/1');
    const newest = (until: string) => finish(west.lastUntil(mark, secondsOf(until)))?.instant;
    expect(newest('20250301T190000')).toBe(secondsOf('20250301T183000'));
    expect(newest('20250301T200000')).toBe(secondsOf('20250301T200000'));
    expect(newest('20250301T180000')).toBe(undefined);
  });
});
