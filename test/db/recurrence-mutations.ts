import type { Dice } from '../recurrence/random-rules.ts';

/** One to four changes of a recurrence's text, most of which make it illegal in one place. */
export function mutate(dice: Dice, text: string): string {
  let mutated = text;
  for (let changes = 1 + dice.roll(2) * dice.roll(4); changes > 0; changes -= 1) {
    mutated = dice.pick(mutations)(dice, mutated);
  }
  // Half a character beyond U+FFFF comes through no door.
  return mutated.toWellFormed();
}

type Mutation = (dice: Dice, text: string) => string;

const characters = [...'AZaz09:;=,"/+-TZ \t\n\r\\_.', 'ü', 'ſ', 'ı', 'İ', '٣', '…', '\u2028', '😀'];
const controls = ['\u0001', '\b', '\u007f', '\u0085'];
const numbers = [
  ...['', '0', '00', '-0', '1', '-1', '+1', '5', '007', '0012', '12', '13', '23', '24', '29', '30'],
  ...['31', '32', '-31', '53', '54', '59', '60', '61', '99', '100', '366', '367', '-366', '1000'],
  ...['20240229', '20230229', '2147483647', '2147483648', '1000000000000000', '1000000000000001'],
  ...['99999999999999999999', '999999999999999999999', '1e3', '1.5'],
];
const parts = [
  ...[
    'COUNT=3',
    'UNTIL=20260101',
    'UNTIL=20260101T000000Z',
    'INTERVAL=2',
    'WKST=SU',
    'RSCALE=GREGORIAN',
  ],
  ...[
    'RSCALE=CHINESE',
    'SKIP=OMIT',
    'SKIP=NEXT',
    'BYSECOND=60',
    'BYMINUTE=5',
    'BYHOUR=23',
    'BYDAY=MO',
  ],
  ...['BYDAY=-1FR', 'BYMONTHDAY=-1', 'BYYEARDAY=100', 'BYWEEKNO=53', 'BYMONTH=12', 'BYSETPOS=-1'],
  ...['FREQ=WEEKLY', 'FREQ=YEARLY', 'BYEASTER=1', 'X', '', '=', 'X='],
];
const zones = [
  ...['UTC', 'Europe/Berlin', '"America/New_York"', 'Etc/GMT+3', 'GMT', 'utc', 'PST', 'Asia/Tokio'],
  ...['asia/tokyo', 'Asia/TOKYO', '', '""', '"a;b:c"', 'a"b'],
];
const lines = [
  'EXDATE:20250415T100000',
  'RDATE:20250415T100000Z',
  'FREQ=HOURLY',
  'DTSTART:1',
  'x',
  '',
];

const mutations: Mutation[] = [
  ...Array<Mutation>(3).fill((dice, text) => splice(text, dice.roll(text.length), 1, '')),
  ...Array<Mutation>(2).fill((dice, text) => repeatAt(text, dice.roll(text.length))),
  ...Array<Mutation>(3).fill((dice, text) =>
    splice(text, dice.roll(text.length), dice.roll(2), dice.pick(characters)),
  ),
  (dice, text) => splice(text, dice.roll(text.length), 0, dice.pick(controls)),
  (dice, text) => swapAt(text, dice.roll(text.length)),
  ...Array<Mutation>(4).fill((dice, text) => replaceOne(dice, text, /\d+/g, dice.pick(numbers))),
  ...Array<Mutation>(3).fill((dice, text) => amongItems(dice, text, ';', parts)),
  (dice, text) => amongItems(dice, text, ',', numbers),
  (dice, text) => amongItems(dice, text, '\n', lines),
  (dice, text) => replaceOne(dice, text, /[A-Z]{2}/g, dice.pick(['MO', 'SU', 'XX', 'Z', 'T'])),
  (dice, text) => replaceOne(dice, text, /TZID=[^:;]*/g, `TZID=${dice.pick(zones)}`),
  (dice, text) =>
    replaceOne(dice, text, /DATE(-TIME)?(?=[;:])/g, dice.pick(['DATE', 'PERIOD', 'x'])),
  (dice, text) =>
    replaceOne(dice, text, /:/g, dice.pick([';VALUE=DATE:', ';TZID=UTC:', ';X=1:', ';'])),
  (dice, text) => replaceOne(dice, text, /Z?(?=,|\n|$)/g, dice.pick(['Z', '/PT1H', '/P', ';', ''])),
  (dice, text) => (dice.isOneIn(2) ? text.toLowerCase() : text.replace(/[A-Z]+/, lowerCase)),
  (dice, text) => splice(text, dice.roll(text.length), 0, dice.pick(['\n ', '\r\n\t', '\r\n '])),
  (dice, text) => text.replaceAll('\n', dice.pick(['\r\n', '\r', '\n\n', '\r\r\n', '\n\r\n'])),
  (dice, text) => replaceOne(dice, text, /(?<==)[^:;,=\n]+/g, (value) => `"${value}"`),
];

function splice(text: string, at: number, removed: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at + removed);
}

function repeatAt(text: string, at: number): string {
  return splice(text, at, 0, text[at] ?? '');
}

function swapAt(text: string, at: number): string {
  return splice(text, at, 2, `${text[at + 1] ?? ''}${text[at] ?? ''}`);
}

function replaceOne(
  dice: Dice,
  text: string,
  pattern: RegExp,
  replacement: string | ((found: string) => string),
): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) {
    return text;
  }
  const { 0: match, index } = dice.pick(found);
  const added = typeof replacement === 'string' ? replacement : replacement(match);
  return splice(text, index, match.length, added);
}

/** Drops, repeats, swaps or adds an item of a list. */
function amongItems(dice: Dice, text: string, delimiter: string, more: readonly string[]): string {
  const items = text.split(delimiter);
  const at = dice.roll(items.length);
  const item = items[at] as string;
  const other = dice.roll(items.length);
  const changes = [
    () => items.splice(at, 1),
    () => items.splice(at, 0, item),
    () => items.splice(at, 1, ...items.splice(other, 1, item)),
    () => items.splice(at + 1, 0, dice.pick(more)),
  ];
  dice.pick(changes)();
  return items.join(delimiter);
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
