import { describe, expect, test } from 'vitest';
import { finish, type Gap, type Overlap } from '../../recurrence/index.ts';
import { firstInstants, secondsOf, seriesOf } from './text.ts';

/** Instants are written `mmddThhmm` in UTC. */
function instants(
  start: string,
  timezone: string,
  rule: string,
  policies: { gap?: Gap; overlap?: Overlap } = {},
): string {
  const text = { start, timezone, recurrence: rule, ...policies };
  return firstInstants(text)
    .map((instant) => instant.slice(4, 13))
    .join(' ');
}

/** Daily at a time that a change skips: start, zone, with `shift`, with `skip` */
const gaps: [start: string, zone: string, shift: string, skip: string][] = [
  [
    '20250329T013000',
    'Europe/Dublin',
    '0329T0130 0330T0130 0331T0030',
    '0329T0130 0331T0030 0401T0030',
  ],
  [
    '20250329T023000',
    'Antarctica/Troll',
    '0329T0230 0330T0230 0331T0030',
    '0329T0230 0331T0030 0401T0030',
  ],
  [
    '20250405T023000',
    'Africa/Casablanca',
    '0405T0230 0406T0230 0407T0130',
    '0405T0230 0407T0130 0408T0130',
  ],
  [
    '20251004T021500',
    'Australia/Lord_Howe',
    '1003T1545 1004T1545 1005T1515',
    '1003T1545 1005T1515 1006T1515',
  ],
  [
    '20181103T003000',
    'America/Sao_Paulo',
    '1103T0330 1104T0330 1105T0230',
    '1103T0330 1105T0230 1106T0230',
  ],
  [
    '20230427T003000',
    'Africa/Cairo',
    '0426T2230 0427T2230 0428T2130',
    '0426T2230 0428T2130 0429T2130',
  ],
  [
    '20230428T023000',
    'Asia/Gaza',
    '0428T0030 0429T0030 0429T2330',
    '0428T0030 0429T2330 0430T2330',
  ],
  // The 30th did not exist: shifted, it is the 31st.
  ['20111229T100000', 'Pacific/Apia', '1229T2000 1230T2000', '1229T2000 1230T2000 1231T2000'],
];

describe.each(gaps)('daily from %s in %s', (start, zone, shift, skip) => {
  test('over a gap', () => {
    expect(instants(start, zone, 'FREQ=DAILY;COUNT=3')).toBe(shift);
    expect(instants(start, zone, 'FREQ=DAILY;COUNT=3', { gap: 'shift' })).toBe(shift);
    expect(instants(start, zone, 'FREQ=DAILY;COUNT=3', { gap: 'skip' })).toBe(skip);
  });
});

/** Daily at a time that a change repeats on the second day: start, zone, before, first, last, after */
const overlaps: [start: string, zone: string, ...string[]][] = [
  ['20251025T013000', 'Europe/Dublin', '1025T0030', '1026T0030', '1026T0130', '1027T0130'],
  ['20251025T013000', 'Antarctica/Troll', '1024T2330', '1025T2330', '1026T0130', '1027T0130'],
  ['20250222T023000', 'Africa/Casablanca', '0222T0130', '0223T0130', '0223T0230', '0224T0230'],
  ['20250405T014500', 'Australia/Lord_Howe', '0404T1445', '0405T1445', '0405T1515', '0406T1515'],
  ['20180216T233000', 'America/Sao_Paulo', '0217T0130', '0218T0130', '0218T0230', '0219T0230'],
  ['20231025T233000', 'Africa/Cairo', '1025T2030', '1026T2030', '1026T2130', '1027T2130'],
  ['20231027T013000', 'Asia/Gaza', '1026T2230', '1027T2230', '1027T2330', '1028T2330'],
  ['20120331T033000', 'Pacific/Apia', '0330T1330', '0331T1330', '0331T1430', '0401T1430'],
];

describe.each(overlaps)('daily from %s in %s', (start, zone, before, first, last, after) => {
  const rule = 'FREQ=DAILY;COUNT=3';

  test('over an overlap', () => {
    expect(instants(start, zone, rule)).toBe(`${before} ${first} ${after}`);
    expect(instants(start, zone, rule, { overlap: 'first' })).toBe(`${before} ${first} ${after}`);
    expect(instants(start, zone, rule, { overlap: 'last' })).toBe(`${before} ${last} ${after}`);
    expect(instants(start, zone, rule, { overlap: 'both' })).toBe(
      `${before} ${first} ${last} ${after}`,
    );
  });

  test('places count both passes of both', () => {
    const series = seriesOf({ start, timezone: zone, recurrence: rule, overlap: 'both' });
    const { occurrences } = finish(series.between(0, Number.POSITIVE_INFINITY, 9));
    expect(occurrences.map(({ instant }) => finish(series.indexOf(instant)))).toEqual([0, 1, 2, 3]);
    expect(occurrences.map(({ secondPass }) => secondPass)).toEqual([false, false, true, false]);
    expect(occurrences[1]?.wall).toBe(occurrences[2]?.wall);
  });
});

describe('hourly', () => {
  test('goes on through an overlap, by default', () => {
    const rule = 'FREQ=HOURLY;COUNT=4';
    const start = '20251102T000000';
    expect(instants(start, 'America/New_York', rule)).toBe(
      '1102T0400 1102T0500 1102T0600 1102T0700 1102T0800',
    );
    expect(instants(start, 'America/New_York', rule, { overlap: 'first' })).toBe(
      '1102T0400 1102T0500 1102T0700 1102T0800',
    );
  });

  test('gives passes of an overlap in order of time', () => {
    const rule = 'FREQ=MINUTELY;INTERVAL=30;COUNT=3';
    expect(instants('20251102T010000', 'America/New_York', rule)).toBe(
      '1102T0500 1102T0530 1102T0600 1102T0630 1102T0700',
    );
  });

  test('of a skipped hour and the one after it makes one instance, and uses COUNT twice', () => {
    const start = '20250309T010000';
    const rule = 'FREQ=HOURLY;COUNT=4';
    expect(instants(start, 'America/New_York', rule)).toBe('0309T0600 0309T0700 0309T0800');
    expect(instants(start, 'America/New_York', rule, { gap: 'skip' })).toBe(
      '0309T0600 0309T0700 0309T0800 0309T0900',
    );
  });
});

test('a shifted time keeps the wall time that was meant', () => {
  const series = seriesOf({
    start: '20250308T023000',
    timezone: 'America/New_York',
    recurrence: 'FREQ=DAILY;COUNT=2',
  });
  const { occurrences } = finish(series.between(0, Number.POSITIVE_INFINITY, 9));
  expect(occurrences[1]).toEqual({
    instant: secondsOf('20250309T073000'),
    wall: secondsOf('20250309T023000'),
    secondPass: false,
    fixed: false,
    length: null,
  });
});
