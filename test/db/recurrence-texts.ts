import { readFileSync } from 'node:fs';
import { limits, type RecurrenceErrorCode } from '../../recurrence/index.ts';
import { type Dice, randomQuestion } from '../recurrence/random-rules.ts';

/** Texts that are refused: code and part at fault. */
export const refusedTexts: [text: string, code: RecurrenceErrorCode, part: string][] = [
  ['\n', 'missing', 'RRULE'],
  [';', 'malformed', 'recurrence'],
  ['x', 'malformed', 'recurrence'],
  [' ', 'malformed', 'recurrence'],
  ['\t', 'malformed', 'recurrence'],
  ['\r', 'malformed', 'recurrence'],
  ['=DAILY', 'malformed', 'recurrence'],
  [':FREQ=DAILY', 'malformed', 'recurrence'],
  [' RRULE:FREQ=DAILY', 'malformed', 'recurrence'],
  ['RRULE FREQ=DAILY', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY\rEXDATE:20250415T100000', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY\r\r\nEXDATE:20250415T100000', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY\n\tÄ', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY\u007f', 'malformed', 'recurrence'],
  ['RRULE:FREQ=\u017fECONDLY', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAıLY', 'malformed', 'recurrence'],
  ['RRULE:FREQ=DAILY;COUNT=\u0663', 'malformed', 'recurrence'],
  [`RRULE:FREQ=DAILY;X="\\\u0001${'y'.repeat(50)}`, 'malformed', 'recurrence'],
  ['RRULE;X=Y:FREQ=DAILY', 'unsupported', 'X'],
  ['RRULE;y=1;X=2:FREQ=DAILY', 'unsupported', 'Y'],
  ['RRULE;:FREQ=DAILY', 'malformed', 'RRULE'],
  ['rrule;x=y', 'malformed', 'RRULE'],
  ['RRULE;X=1;x=2;;:FREQ=DAILY', 'repeated', 'X'],
  ['RRULE;X="1"2:FREQ=DAILY', 'malformed', 'RRULE'],
  ['DTSTART:20250415T100000\nRRULE:FREQ=DAILY', 'unsupported', 'DTSTART'],
  ['dtend:20250415T100000\nRRULE:FREQ=DAILY', 'unsupported', 'DTEND'],
  ['DURATION:PT1H', 'unsupported', 'DURATION'],
  ['EXRULE:FREQ=DAILY', 'unsupported', 'EXRULE'],
  ['X-WHAT:1', 'unsupported', 'X-WHAT'],
  [`X-${'9'.repeat(50)}:`, 'unsupported', `X-${'9'.repeat(38)}`],
  [`RRULE;X-${'9'.repeat(50)}=:`, 'unsupported', `X-${'9'.repeat(38)}`],
  [`FREQ=DAILY;X-${'9'.repeat(50)}=1`, 'unsupported', `X-${'9'.repeat(38)}`],
  ['X-WHAT:1\nx', 'malformed', 'recurrence'],
  ['RRULE:', 'malformed', 'RRULE'],
  ['RRULE:;', 'malformed', 'RRULE'],
  ['RRULE:FREQ', 'malformed', 'FREQ'],
  ['RRULE:FREQ=', 'malformed', 'FREQ'],
  ['RRULE:FREQ=DAILY;;', 'malformed', 'RRULE'],
  ['RRULE:FREQ=DAILY;COUNT=1=1', 'malformed', 'COUNT'],
  ['RRULE:FREQ=DAILY; COUNT=1', 'unsupported', ' COUNT'],
  ['RRULE:COUNT=3', 'missing', 'FREQ'],
  ['RRULE:COUNT=0', 'missing', 'FREQ'],
  ['RRULE:FREQ=DAILY;freq=DAILY', 'repeated', 'FREQ'],
  ['RRULE:FREQ=DAILY;BYHOUR=1;BYHOUR=2;BYEASTER=1', 'repeated', 'BYHOUR'],
  ['RRULE:FREQ=FORTNIGHTLY', 'out_of_range', 'FREQ'],
  ['RRULE:FREQ=DAILY;BYEASTER=1', 'unsupported', 'BYEASTER'],
  ['RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260101T000000Z', 'contradiction', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=0', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=-1', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=+1', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=1.5', 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;COUNT=1e3', 'out_of_range', 'COUNT'],
  [`RRULE:FREQ=DAILY;COUNT=${limits.count + 1}`, 'out_of_range', 'COUNT'],
  [`RRULE:FREQ=DAILY;COUNT=${'0'.repeat(20)}1`, 'out_of_range', 'COUNT'],
  ['RRULE:FREQ=DAILY;INTERVAL=0', 'out_of_range', 'INTERVAL'],
  [`RRULE:FREQ=DAILY;INTERVAL=${limits.interval + 1}`, 'out_of_range', 'INTERVAL'],
  ['RRULE:FREQ=DAILY;UNTIL=2026', 'malformed', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260229', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=21000229T000000Z', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=00000101', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T240000Z', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T236000', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T235961', 'out_of_range', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T00000Z', 'malformed', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T000000ZZ', 'malformed', 'UNTIL'],
  ['RRULE:FREQ=DAILY;UNTIL=20260101T000000+0900', 'malformed', 'UNTIL'],
  ['RRULE:FREQ=MINUTELY;BYSECOND=61', 'out_of_range', 'BYSECOND'],
  ['RRULE:FREQ=DAILY;BYMINUTE=60', 'out_of_range', 'BYMINUTE'],
  ['RRULE:FREQ=DAILY;BYHOUR=24', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=-1', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=+1', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=0009', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=9,', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=DAILY;BYHOUR=,9', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=0', 'out_of_range', 'BYMONTHDAY'],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=32', 'out_of_range', 'BYMONTHDAY'],
  ['RRULE:FREQ=MONTHLY;BYMONTHDAY=-32', 'out_of_range', 'BYMONTHDAY'],
  ['RRULE:FREQ=YEARLY;BYYEARDAY=-0', 'out_of_range', 'BYYEARDAY'],
  ['RRULE:FREQ=YEARLY;BYYEARDAY=367', 'out_of_range', 'BYYEARDAY'],
  ['RRULE:FREQ=YEARLY;BYWEEKNO=54', 'out_of_range', 'BYWEEKNO'],
  ['RRULE:FREQ=YEARLY;BYMONTH=0', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYMONTH=13', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYMONTH=-1', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYMONTH=5L', 'out_of_range', 'BYMONTH'],
  ['RRULE:FREQ=YEARLY;BYDAY=0MO', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYDAY=-54MO', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYDAY=001MO', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYDAY=+MO', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYDAY=MO,MON', 'out_of_range', 'BYDAY'],
  ['RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0', 'out_of_range', 'BYSETPOS'],
  ['RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367', 'out_of_range', 'BYSETPOS'],
  ['RRULE:FREQ=WEEKLY;WKST=1MO', 'out_of_range', 'WKST'],
  ['RRULE:SKIP=X;WKST=X;BYDAY=X;BYHOUR=X;FREQ=X', 'out_of_range', 'FREQ'],
  ['RRULE:SKIP=X;WKST=X;BYDAY=X;BYHOUR=X;FREQ=DAILY', 'out_of_range', 'BYHOUR'],
  ['RRULE:FREQ=MONTHLY;BYSETPOS=1', 'contradiction', 'BYSETPOS'],
  ['RRULE:FREQ=WEEKLY;BYMONTHDAY=1', 'contradiction', 'BYMONTHDAY'],
  ['RRULE:FREQ=WEEKLY;BYDAY=MO,1TU', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=DAILY;BYDAY=-1MO', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO', 'contradiction', 'BYDAY'],
  ['RRULE:FREQ=MONTHLY;BYWEEKNO=1', 'contradiction', 'BYWEEKNO'],
  ['RRULE:FREQ=DAILY;BYYEARDAY=1', 'contradiction', 'BYYEARDAY'],
  ['RRULE:FREQ=WEEKLY;BYYEARDAY=1', 'contradiction', 'BYYEARDAY'],
  ['RRULE:FREQ=MONTHLY;BYYEARDAY=1', 'contradiction', 'BYYEARDAY'],
  ['RRULE:RSCALE=HEBREW;FREQ=YEARLY', 'unsupported', 'RSCALE'],
  ['RRULE:FREQ=MONTHLY;SKIP=FORWARD', 'contradiction', 'SKIP'],
  ['RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=NEXT', 'out_of_range', 'SKIP'],
  ['RRULE:FREQ=DAILY\nRRULE:FREQ=HOURLY;BYHOUR=25', 'out_of_range', 'BYHOUR'],
  [
    Array(limits.rules + 1)
      .fill('RRULE:FREQ=DAILY')
      .join('\n'),
    'too_large',
    'RRULE',
  ],
  ['RDATE:', 'malformed', 'RDATE'],
  ['RDATE:20250415', 'malformed', 'RDATE'],
  ['RDATE:20250415T1000', 'malformed', 'RDATE'],
  ['RDATE:20250415T10000Z', 'malformed', 'RDATE'],
  ['RDATE:20250415T100000;;', 'malformed', 'RDATE'],
  ['RDATE:20250415T100000,20250431T100000,x', 'out_of_range', 'RDATE'],
  ['RDATE;VALUE=DATE:20250431', 'out_of_range', 'RDATE'],
  ['RDATE;VALUE=DATE:20250415T100000', 'malformed', 'RDATE'],
  ['RDATE;VALUE=TIME:100000', 'unsupported', 'VALUE'],
  ['RDATE;VALUE=:20250415T100000', 'unsupported', 'VALUE'],
  ['RDATE;VALUE=DATE;VALUE=DATE:20250415', 'repeated', 'VALUE'],
  ['RDATE;RANGE=ALL:20250415T100000', 'unsupported', 'RANGE'],
  ['RDATE;TZID=PST:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID="asia/tokyo":20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=ASIA/TOKYO:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=+09:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=Asia/Tokio:20250415T100000Z,20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=a/B;VALUE=DATE:20250415', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID=A/B;VALUE=PERIOD:20250415T100000Z/20250415T110000', 'unknown_timezone', 'TZID'],
  ['FREQ=DAILY\nEXDATE;TZID=A/B:20250415T100000', 'unknown_timezone', 'TZID'],
  ['RDATE;TZID="Asia/Tokyo:20250415T100000', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000/', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250415T100000/PT1H/PT1H', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250431T100000/PT', 'malformed', 'RDATE'],
  ['RDATE;VALUE=PERIOD:20250431T100000/PT1H', 'out_of_range', 'RDATE'],
  ...['PT0S', 'P', 'P1DT', '-PT1H', 'P1W1D', 'PT1S1M', 'P1H', 'P1000000D', 'PT1000000000S'].map(
    (length): [string, RecurrenceErrorCode, string] => {
      return [`RDATE;VALUE=PERIOD:20250415T100000/${length}`, 'malformed', 'RDATE'];
    },
  ),
  ['RRULE:FREQ=DAILY\nEXDATE;VALUE=PERIOD:20250415T100000/PT1H', 'unsupported', 'VALUE'],
  ['RRULE:FREQ=DAILY\nEXDATE:20250415T100000,', 'malformed', 'EXDATE'],
  ['EXDATE:20250415T100000', 'missing', 'RRULE'],
];

/** Texts at the borders of the grammar that are taken. */
export const takenTexts: string[] = [
  'FREQ=DAILY',
  'rrule:freq=daily;',
  '\r\n\r\nRRULE:FREQ=\r\n DAI\n\tLY\n\n',
  // Joining the folded line puts an end of line together.
  'RRULE:FREQ=DAILY\r\r\n \nEXDATE:20250415T100000',
  `RRULE:FREQ=DAILY;COUNT=${limits.count};INTERVAL=${limits.interval}`,
  `RRULE:FREQ=DAILY;COUNT=${'1'.padStart(20, '0')}`,
  'FREQ=SECONDLY;BYSECOND=0,60,007;BYMINUTE=59;BYHOUR=23;BYMONTHDAY=+1,-31;BYYEARDAY=-366,366',
  'FREQ=YEARLY;BYWEEKNO=-53,53;BYDAY=MO;BYMONTH=012;BYSETPOS=366,-366;WKST=SU',
  'FREQ=MONTHLY;BYDAY=+53MO,-01TU;UNTIL=99991231T235960',
  'RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;UNTIL=20240229',
  'RDATE;VALUE="date-time";TZID="Asia/Tokyo":20250415T100000,20250415T100000Z;',
  'RDATE;VALUE=DATE;TZID=America/Argentina/Buenos_Aires:00010101,99991231',
  'RDATE;VALUE=PERIOD:20250415T100000/PT1H,20250415T100000Z/20250415T110000Z',
  'RDATE;VALUE=PERIOD:20250415T100000/+P999999DT999999999H999999999M999999999S',
  'RDATE;VALUE=PERIOD;TZID=A/B:20250415T100000Z/P2W,20250415T100000Z/20250416T000000Z',
  // A zone says nothing of a time in UTC.
  'RDATE;TZID=No/Where:20250415T100000Z',
];

interface Vector {
  readonly rrule: string;
  readonly exdate?: string | null;
  readonly rdate?: string | null;
}

/** The recurrences of the shared vectors. */
export function vectorTexts(): string[] {
  const names = ['recurrence-vectors', 'dst-policy-vectors', 'rfc5545-examples'];
  return names.flatMap((name) => {
    const file = new URL(`../recurrence/vectors/${name}.json`, import.meta.url);
    return (JSON.parse(readFileSync(file, 'utf8')) as Vector[]).map(textOf);
  });
}

function textOf({ rrule, exdate, rdate }: Vector): string {
  const dates = [exdate ? `EXDATE:${exdate}` : '', rdate ? `RDATE:${rdate}` : ''];
  return [`RRULE:${rrule}`, ...dates].filter((line) => line !== '').join('\n');
}

/** A recurrence that is mostly legal. */
export function randomText(dice: Dice): string {
  const { rule, added, excluded, timezone } = randomQuestion(dice);
  const heads = [
    '',
    ';VALUE=DATE-TIME',
    `;TZID=${timezone}`,
    `;VALUE=DATE-TIME;TZID="${timezone}"`,
  ];
  const line = (name: string, dates: readonly string[]) =>
    dates.length === 0 ? [] : [`${name}${dice.pick(heads)}:${dates.join(',')}`];
  const extra = dice.isOneIn(3) ? [dice.pick(extraLines)] : [];
  const lines = [`RRULE:${rule}`, ...line('RDATE', added), ...line('EXDATE', excluded), ...extra];
  return lines.join('\n');
}

const extraLines = [
  'RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=31',
  'RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO',
  'RDATE;VALUE=DATE:20250415,20240229',
  'EXDATE;VALUE=DATE;TZID=Europe/Berlin:20250415',
  'RDATE;VALUE=PERIOD;TZID=Asia/Tokyo:20250415T100000/PT1H30M,20250416T100000/P2W',
  'RDATE;VALUE=PERIOD:20250415T100000Z/20350415T110000Z',
];
