import { describe, expect, test } from 'vitest';
import { finish, formatInstant, type Revision, Zones } from '../../../recurrence/index.ts';
import type { ExpandedSeries, MarkedSeries } from '../../../relay/expansion/marked-series.ts';
import { planExpansion } from '../../../relay/expansion/plan-expansion.ts';

const zones = new Zones();
const NOW = at('2025-06-01T12:00:00');
const HOUR = 3600;
const DAY = 24 * HOUR;

function at(time: string): number {
  return Date.parse(`${time}Z`) / 1000;
}

/** A rule from ten o'clock in Tokyo, which is 01:00 UTC, or from another time. */
function revision(recurrence: string, more: Partial<Revision> = {}): Revision {
  const start = at('2025-06-01T10:00:00');
  const given = { number: 1, start, timezone: 'Asia/Tokyo', gap: 'shift' as const };
  return { ...given, overlap: null, closedAt: null, ...more, recurrence };
}

function marked(recurrence: string, more: Partial<MarkedSeries> = {}): MarkedSeries {
  return {
    id: 'series',
    version: '7',
    missed: null,
    revisions: [revision(recurrence)],
    watermark: null,
    createdAt: NOW,
    now: NOW,
    checked: false,
    unsettled: [],
    ...more,
  };
}

function plan(state: MarkedSeries, known = zones): ExpandedSeries {
  const planned = finish(planExpansion(state, known));
  if (!planned) throw new Error('left to others');
  return planned;
}

const instants = ({ pending }: ExpandedSeries) => pending.map(({ instant }) => instant);
const texts = (expanded: ExpandedSeries) => instants(expanded).map(formatInstant);

/** A watermark in revision 1, in Tokyo. */
function mark(instant: number) {
  return { instant, wall: instant + 9 * HOUR, secondPass: false, revision: 1 };
}

describe('pending', () => {
  test('are the occurrences of the next ten minutes', () => {
    const expanded = plan(marked('RRULE:FREQ=MINUTELY', { checked: true, watermark: mark(NOW) }));
    expect(instants(expanded)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => NOW + n * 60));
    expect(expanded).toMatchObject({ id: 'series', version: '7', exhausted: false, error: null });
  });

  test('are two at least, however far ahead', () => {
    const none = plan(marked('RRULE:FREQ=YEARLY', { watermark: mark(NOW) }));
    expect(texts(none)).toEqual(['2026-06-01T01:00:00Z', '2027-06-01T01:00:00Z']);
    const one = plan(marked('RRULE:FREQ=DAILY', { now: NOW + 12.9 * HOUR, watermark: mark(NOW) }));
    expect(texts(one)).toEqual(['2025-06-02T01:00:00Z', '2025-06-03T01:00:00Z']);
  });

  test('are 500 at most, however many are overdue', () => {
    const state = marked('RRULE:FREQ=SECONDLY', { checked: true, watermark: mark(NOW - 8 * HOUR) });
    const expanded = plan(state);
    expect(instants(expanded)).toEqual(
      Array.from({ length: 500 }, (_, n) => NOW - 8 * HOUR + 1 + n),
    );
    expect(expanded).toMatchObject({ exhausted: false, passed: null, judgedUntil: null });
  });

  test('carry wall time, pass and revision', () => {
    const given = { start: at('2025-11-02T01:30:00'), timezone: 'America/New_York', number: 3 };
    const state = marked('', {
      revisions: [revision('RRULE:FREQ=HOURLY;COUNT=1', { ...given, overlap: 'both' })],
      now: at('2025-11-02T05:00:00'),
      createdAt: at('2025-11-02T05:00:00'),
    });
    const wall = at('2025-11-02T01:30:00');
    expect(plan(state).pending).toEqual([
      { instant: at('2025-11-02T05:30:00'), wall, secondPass: false, revision: 3 },
      { instant: at('2025-11-02T06:30:00'), wall, secondPass: true, revision: 3 },
    ]);
  });

  test.each([
    ['far apart', 'RRULE:FREQ=DAILY;COUNT=3', [2, true], [1, true], [0, true]],
    ['close together', 'RRULE:FREQ=SECONDLY;COUNT=3', [2, true], [1, true], [0, true]],
  ])('of a rule that ends, %s, are known to be the last', (_how, rule, ...expected) => {
    const step = rule.includes('DAILY') ? DAY : 1;
    const first = at('2025-06-01T01:00:00');
    const ends = [0, 1, 2].map((n) => {
      const state = marked(rule, { now: first, watermark: mark(first + n * step) });
      const expanded = plan(state);
      return [expanded.pending.length, expanded.exhausted];
    });
    expect(ends).toEqual(expected);
  });

  test('of a rule that goes on after the window are not the last', () => {
    const twice = 'RRULE:FREQ=MINUTELY;COUNT=3\nRDATE:20260101T000000';
    const expanded = plan(marked(twice, { now: at('2025-06-01T00:59:00') }));
    expect([expanded.pending.length, expanded.exhausted]).toEqual([3, false]);
  });

  test('follow the old rule up to its end and the new one from there on', () => {
    const closedAt = at('2025-06-03T12:00:00.5');
    const revisions = [
      revision('RRULE:FREQ=DAILY', { closedAt }),
      revision('RRULE:FREQ=DAILY;COUNT=5', { number: 2, start: at('2025-06-02T11:00:00') }),
    ];
    const now = at('2025-06-08T00:00:00');
    const state = marked('', {
      revisions,
      now,
      checked: true,
      watermark: mark(at('2025-06-02T01:00:00')),
    });
    expect(
      plan(state).pending.map(({ instant, revision: number }) => [formatInstant(instant), number]),
    ).toEqual([
      ['2025-06-03T01:00:00Z', 1],
      ['2025-06-04T02:00:00Z', 2],
      ['2025-06-05T02:00:00Z', 2],
      ['2025-06-06T02:00:00Z', 2],
    ]);
    expect(plan(state).exhausted).toBe(true);
  });
});

describe('missed', () => {
  /** Every hour from 01:00 UTC on; at 12:00:30 that of 11:00 is overdue, the one of 12:00 is not. */
  const hourly = (more: Partial<MarkedSeries>) =>
    marked('RRULE:FREQ=HOURLY', { now: NOW + 30.5, checked: true, ...more });

  test.each([null, 'all'] as const)('%s keeps all', (missed) => {
    const expanded = plan(hourly({ missed }));
    expect(texts(expanded).slice(0, 2)).toEqual(['2025-06-01T01:00:00Z', '2025-06-01T02:00:00Z']);
    expect(expanded).toMatchObject({ passed: null, judgedUntil: null });
  });

  test('skip passes everything over that is overdue by more than a minute, up to the last such second', () => {
    const expanded = plan(hourly({ missed: 'skip' }));
    const passed = NOW - 30;
    expect(expanded.passed).toEqual({
      instant: passed,
      wall: passed + 9 * HOUR,
      secondPass: false,
      revision: 1,
    });
    expect(expanded.judgedUntil).toBe(NOW + 30.5);
    expect(instants(expanded).slice(0, 2)).toEqual([NOW, NOW + HOUR]);
  });

  test('skip passes nothing over when nothing is overdue by more than a minute', () => {
    const expanded = plan(hourly({ missed: 'skip', watermark: mark(NOW - HOUR) }));
    expect(expanded).toMatchObject({ passed: null, judgedUntil: null });
    expect(instants(expanded)).toEqual([NOW, NOW + HOUR]);
  });

  test.each([
    [60, null],
    [60.001, NOW],
  ])('an occurrence that is overdue by %f s is skipped up to %s', (overdue, passed) => {
    const state = hourly({ missed: 'skip', now: NOW + overdue, watermark: mark(NOW - HOUR) });
    expect(plan(state).passed?.instant ?? null).toBe(passed);
  });

  test('latest keeps the newest that is due, and passes over what comes before it', () => {
    const expanded = plan(hourly({ missed: 'latest' }));
    expect(expanded.passed).toEqual(mark(NOW - HOUR));
    expect(expanded.judgedUntil).toBe(NOW);
    expect(instants(expanded)).toEqual([NOW, NOW + HOUR]);
  });

  test('latest keeps the only one that is overdue, and passes nothing over', () => {
    const now = NOW + 600;
    const expanded = plan(hourly({ missed: 'latest', now, watermark: mark(NOW - HOUR) }));
    expect(expanded).toMatchObject({ passed: null, judgedUntil: NOW });
    expect(instants(expanded)).toEqual([NOW, NOW + HOUR]);
  });

  test('latest keeps all when nothing is overdue by more than a minute', () => {
    const often = marked('RRULE:FREQ=SECONDLY', {
      missed: 'latest',
      checked: true,
      watermark: mark(NOW - 60),
    });
    const expanded = plan(often);
    expect(expanded).toMatchObject({ passed: null, judgedUntil: null });
    expect(instants(expanded)[0]).toBe(NOW - 59);
  });

  test('latest goes back over a change of the rule', () => {
    const revisions = [
      revision('RRULE:FREQ=DAILY', { closedAt: at('2025-06-03T12:00:00') }),
      revision('RRULE:FREQ=DAILY', { number: 2, start: at('2025-06-02T11:00:00') }),
    ];
    const newest = (now: string) => {
      const expanded = plan(
        marked('', { missed: 'latest', checked: true, revisions, now: at(now) }),
      );
      return [expanded.passed, ...texts(expanded).slice(0, 1)];
    };
    expect(newest('2025-06-04T01:59:00')).toEqual([
      mark(at('2025-06-02T01:00:00')),
      '2025-06-03T01:00:00Z',
    ]);
    expect(newest('2025-06-04T02:02:00')).toEqual([
      mark(at('2025-06-03T01:00:00')),
      '2025-06-04T02:00:00Z',
    ]);
  });

  test.each(['latest', 'skip'] as const)(
    '%s of what the last occurrence of all is overdue ends the series',
    (missed) => {
      const expanded = plan(marked('RRULE:FREQ=HOURLY;COUNT=4', { missed, checked: true }));
      expect(expanded.exhausted).toBe(true);
      expect(texts(expanded)).toEqual(missed === 'skip' ? [] : ['2025-06-01T04:00:00Z']);
    },
  );
});

describe('refused at its first expansion', () => {
  test.each([
    [
      'a rule without an occurrence',
      'RRULE:FREQ=DAILY;UNTIL=20250101',
      /^recurrence has no occurrence/,
    ],
    [
      'a rule that matches nothing',
      'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
      /^RRULE matches no time at all/,
    ],
    ['a text that SQL did not judge', 'RRULE:FREQ=OFTEN', /^FREQ is "OFTEN"/],
    [
      'a zone that is not known',
      'RDATE;TZID=Mars/Olympus:20260101T000000',
      /^TZID of RDATE is "Mars\/Olympus"/,
    ],
  ])('is %s', (_what, recurrence, detail) => {
    const expanded = plan(marked(recurrence));
    expect(expanded.error).toEqual({
      code: 'invalid_recurrence',
      detail: expect.stringMatching(detail),
    });
    expect(expanded).toMatchObject({
      pending: [],
      exhausted: true,
      passed: null,
      settled: [],
      dropped: [],
    });
  });

  test('are more than a hundred occurrences before its creation, unless missed is given', () => {
    const start = at('2025-06-01T01:00:00');
    const daily = (days: number, more: Partial<MarkedSeries> = {}) =>
      plan(
        marked('RRULE:FREQ=DAILY', {
          createdAt: start + days * DAY + 61,
          now: start + 400 * DAY,
          ...more,
        }),
      ).error?.code;
    expect(daily(99)).toBe(undefined);
    expect(daily(100)).toBe('many_past_occurrences');
    expect(
      ['all', 'latest', 'skip'].map((missed) => daily(100, { missed: missed as 'all' })),
    ).toEqual([undefined, undefined, undefined]);
  });

  test('is not what became overdue while it waited', () => {
    const state = marked('RRULE:FREQ=SECONDLY', { createdAt: at('2025-06-01T01:00:00'), now: NOW });
    expect(plan(state)).toMatchObject({ error: null });
    expect(plan({ ...state, createdAt: NOW, checked: true })).toMatchObject({ error: null });
  });
});

describe('later', () => {
  const nowhere = new Zones((name) => name !== 'Asia/Tokyo');

  test('a zone that this program does not know leaves the series to others', () => {
    const state = marked('RRULE:FREQ=DAILY');
    expect(finish(planExpansion({ ...state, checked: true }, nowhere))).toBe(null);
    expect(plan(state, nowhere).error?.code).toBe('invalid_recurrence');
  });

  test('a rule that a change brought is refused like a first one', () => {
    const revisions = [
      revision('RRULE:FREQ=DAILY', { closedAt: NOW }),
      revision('RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', { number: 2 }),
    ];
    const state = marked('', { revisions, checked: true, watermark: mark(NOW - 11 * HOUR) });
    expect(plan(state).error?.code).toBe('invalid_recurrence');
  });
});

test('exceptions stay where their original starts are occurrences, final ones always', () => {
  const daily = (days: number, more: object) => {
    const instant = at('2025-06-01T01:00:00') + days * DAY;
    return { id: `of day ${days}`, instant, wall: 0, secondPass: true, final: false, ...more };
  };
  const closedAt = at('2025-06-02T12:00:00');
  const start = at('2025-06-02T09:00:00');
  const expanded = plan(
    marked('', {
      revisions: [
        revision('RRULE:FREQ=DAILY', { closedAt }),
        revision('RRULE:FREQ=HOURLY;INTERVAL=49', { number: 2, start }),
      ],
      unsettled: [
        daily(1, {}),
        daily(2, {}),
        daily(2, { id: 'final', final: true }),
        daily(3, { id: 'final, found', instant: at('2025-06-04T01:00:00'), final: true }),
      ],
    }),
  );
  const wall = at('2025-06-02T10:00:00');
  expect(expanded.settled).toEqual([
    { id: 'of day 1', instant: at('2025-06-02T01:00:00'), wall, secondPass: false },
    { id: 'final', instant: at('2025-06-03T01:00:00'), wall: 0, secondPass: true },
    {
      id: 'final, found',
      instant: at('2025-06-04T01:00:00'),
      wall: wall + 2 * DAY,
      secondPass: false,
    },
  ]);
  expect(expanded.dropped).toEqual(['of day 2']);
});
