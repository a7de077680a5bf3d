import { describe, expect } from 'vitest';
import { creation, type EventFields, newEvent, schedule, test } from './session.ts';

type Case = readonly [name: string, fields: EventFields];

function refuses(code: string, field: string, cases: readonly Case[]): void {
  describe(`${code} at ${field}`, () => {
    test.for(cases)('%s', async ([, fields], { db }) => {
      expect(await db.refusal(...creation(newEvent(fields)))).toMatchObject({ code, field });
      expect(await db.rows('select from scheduler_private.events')).toEqual([]);
    });
  });
}

const one = (field: string, values: readonly unknown[]): Case[] =>
  values.map((value) => [JSON.stringify(value), { [field]: value }]);

refuses(
  'invalid_id',
  'id',
  one('id', [
    'x',
    ' ',
    '8b82e04b77644 30bb49c0393235f8927',
    '8b82e04b7764430bb49c0393235f8927',
    '{8b82e04b-7764-430b-b49c-0393235f8927}',
    '8b82e04b-7764-430b-b49c-0393235f892',
    '8b82e04b-7764-430b-b49c-0393235f89277',
    '8b82e04b-7764-430b-b49c-0393235f892g',
    '8b82e04b-7764-430b-b49c-0393235f8927\n',
    '8b82e04b-7764-430b-b49c-0393235f8927_20250424T010000Z',
    'urn:uuid:8b82e04b-7764-430b-b49c-0393235f8927',
  ]),
);

refuses(
  'invalid_timezone',
  'timezone',
  one('timezone', [
    'FOO+3',
    'PST',
    'EST',
    'EST5EDT',
    'GMT',
    'Z',
    'utc',
    '+09:00',
    'UTC+9',
    '<+09>-9',
    'posix/Asia/Tokyo',
    'right/Asia/Tokyo',
    'posixrules',
    'localtime',
    'Factory',
    'asia/tokyo',
    'ASIA/TOKYO',
    'Asia/Tokyo ',
    'Asia/Atlantis',
    '../Asia/Tokyo',
    ' ',
  ]),
);

refuses(
  'invalid_topic',
  'destinationTopic',
  one('destination_topic', [
    null,
    '',
    '.',
    '..',
    '__consumer_offsets',
    '__mine',
    'orders-lane-ledger',
    'a topic',
    'a/topic',
    'a:topic',
    'a-töpic',
    'a-topic\n',
    'a'.repeat(250),
  ]),
);

const dateTimes = [
  null,
  '',
  'now',
  'infinity',
  '2099-01-01',
  '2099-01-01T00:00Z',
  '2099-01-01T00Z',
  '20990101T000000Z',
  '2099-01-01 00:00:00Z',
  ' 2099-01-01T00:00:00Z',
  '2099-01-01T00:00:00Z\n',
  '2099-1-01T00:00:00Z',
  '2099-00-01T00:00:00Z',
  '2099-13-01T00:00:00Z',
  '2099-01-00T00:00:00Z',
  '2099-01-32T00:00:00Z',
  '2099-02-30T00:00:00Z',
  '2099-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2099-04-31T00:00:00Z',
  '2099-01-01T24:00:00Z',
  '2099-01-01T23:60:00Z',
  '2099-01-01T23:59:60Z',
  '2016-12-31T23:59:60Z',
  '2099-01-01T00:00:00.Z',
  '2099-01-01T00:00:00.1234567Z',
  '2099-01-01T00:00:00,5Z',
  '0000-01-01T00:00:00Z',
  '-2099-01-01T00:00:00Z',
  '+12099-01-01T00:00:00Z',
  '12099-01-01T00:00:00Z',
  '2099-01-01T00:00:00+9',
  '2099-01-01T00:00:00+0900',
  '2099-01-01T00:00:00+24:00',
  '2099-01-01T00:00:00+09:60',
  '2099-01-01T00:00:00+09:00:30',
  '2099-01-01T00:00:00 +09:00',
  '2099-01-01T00:00:00[Asia/Tokyo]',
  '2099-01-01T00:00:00 BC',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59-00:01',
  '٢٠٩٩-01-01T00:00:00Z',
];
refuses('invalid_date_time', 'scheduledAt', one('scheduled_at', dateTimes));
refuses(
  'invalid_date_time',
  'endsAt',
  one(
    'ends_at',
    dateTimes.filter((text) => text !== null && text !== ''),
  ),
);
refuses('invalid_date_time', 'scheduledAt', [
  ['before year 1 in UTC', { scheduled_at: '0001-01-01T00:00:00', timezone: 'Asia/Tokyo' }],
  ['after year 9999 in UTC', { scheduled_at: '9999-12-31T23:00:00', timezone: 'America/New_York' }],
]);

refuses('invalid_ends_at', 'endsAt', [
  ['a microsecond before', { ends_at: '2098-12-31T23:59:59.999999Z' }],
  ['wall time before an instant', { timezone: 'Asia/Tokyo', ends_at: '2099-01-01T08:59:59' }],
  [
    'later wall time in the first pass, start in the second',
    {
      timezone: 'America/New_York',
      scheduled_at: '2024-11-03T01:30:00-05:00',
      ends_at: '2024-11-03T01:45:00',
    },
  ],
]);

refuses('invalid_policy', 'gap', one('gap', ['skip', 'SHIFT', 'x', ' ']));
refuses('invalid_policy', 'overlap', one('overlap', ['both', 'skip', 'First', 'x']));
refuses('invalid_policy', 'missed', one('missed', ['all', 'latest', 'skip', 'x']));
const daily = { recurrence: 'RRULE:FREQ=DAILY' };
refuses('invalid_policy', 'gap', [['of a series', { ...daily, gap: 'both' }]]);
refuses('invalid_policy', 'overlap', [['of a series', { ...daily, overlap: 'skip' }]]);
refuses('invalid_policy', 'missed', [['of a series', { ...daily, missed: 'none' }]]);
refuses('invalid_date_time', 'scheduledAt', [
  ['a series with fractions', { ...daily, scheduled_at: '2099-01-01T00:00:00.5Z' }],
]);
refuses('invalid_recurrence', 'recurrence', one('recurrence', ['x', ' ', 'FREQ=DAILY;COUNT=0']));

refuses(
  'invalid_duration',
  'maxLateness',
  one('max_lateness', [
    'P',
    'PT',
    'P1DT',
    'P1',
    '1D',
    'pt1m',
    'PT1M ',
    '-PT1M',
    'PT-1M',
    '+PT1M',
    'P1H',
    'PT1D',
    'PT1M1H',
    'P0.5D',
    'PT0.5H',
    'PT.5S',
    'PT1,5S',
    'PT1.1234567S',
    'P99999Y',
    '00:15:00',
    '15 minutes',
    'P0001-00-00T00:00:00',
  ]),
);

refuses('invalid_payload', 'payload', one('payload', [null]));

refuses('invalid_headers', 'headers', [
  ['an array', { headers: '[]' }],
  ['a string', { headers: '"a"' }],
  ['a number', { headers: '1' }],
  ['null of JSON', { headers: 'null' }],
  ['an empty name', { headers: { '': 'a' } }],
]);
for (const [name, value] of [
  ['number', 1],
  ['true', true],
  ['nothing', null],
  ['list', ['a']],
  ['object', {}],
  ['ce_id', 'a'],
  ['ce_time', 'a'],
  ['ce_specversion', 'a'],
  ['ce_', 'a'],
  ['CE_ID', 'a'],
  ['CE_Type', 'a'],
  ['scheduler-series-id', 'a'],
  ['Scheduler-X', 'a'],
] as const) {
  refuses('invalid_headers', `headers.${name}`, [
    [`${name}: ${value}`, { headers: { [name]: value } }],
  ]);
}

test.for([
  ['the longest topic', { destination_topic: 'a'.repeat(249) }],
  ['every character of a topic', { destination_topic: 'azAZ09._-' }],
  ['a topic with one underscore', { destination_topic: '_a' }],
  ['an end at the start', { ends_at: '2099-01-01T00:00:00Z' }],
  ['a zone with three parts', { timezone: 'America/Argentina/Buenos_Aires' }],
  ['an alias', { timezone: 'US/Eastern' }],
  ['a header that begins like ours', { headers: { ce: 'a', cex: 'b', scheduler: 'c' } }],
  ['no headers', { headers: null }],
] as const)('legal: %s', async ([, fields], { db }) => {
  expect(await schedule(db, fields)).toMatchObject({ status: 'SCHEDULED' });
});
