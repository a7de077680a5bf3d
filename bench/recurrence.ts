import { cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import ICAL from 'ical.js';
import rruleModule, { type RRule } from 'rrule';
import { check, finish, parse, Series, Zones } from '../recurrence/index.ts';

/** What people schedule. */
const common = [
  'FREQ=DAILY',
  'FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR',
  'FREQ=DAILY;COUNT=1000000',
  'FREQ=WEEKLY;BYDAY=MO,WE,FR',
  'FREQ=MONTHLY;BYMONTHDAY=31',
  'FREQ=MONTHLY;BYDAY=-1FR',
  'FREQ=YEARLY',
];
const hard = [
  'FREQ=HOURLY',
  'FREQ=MINUTELY;INTERVAL=5;BYHOUR=9,10,11',
  'FREQ=SECONDLY',
  'FREQ=SECONDLY;COUNT=1000000000000',
  'FREQ=MINUTELY;INTERVAL=7;BYDAY=MO;COUNT=1000000',
  'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO',
  'FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA',
  'FREQ=SECONDLY;INTERVAL=86399;BYHOUR=9;BYMINUTE=0;BYSECOND=0',
];
const hostile = [
  'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30',
  'FREQ=DAILY;INTERVAL=2147483647',
  `RDATE:${Array.from({ length: 10_000 }, (_, i) => `2${String(i).padStart(3, '0').slice(0, 3)}0101T0${i % 10}0000`).join(',')}`,
  `FREQ=DAILY;X=${'1'.repeat(2 ** 20)}`,
  'FREQ=SECONDLY;COUNT=1000000000000',
  'FREQ=YEARLY;UNTIL=99991231T235959Z',
];
const ZONE = 'America/New_York';
const START = Date.UTC(2016, 0, 4, 9) / 1000;
const NOW = Date.UTC(2026, 0, 5, 12) / 1000;
const NEXTS = 1_000;
const INSTANCES = 10_000;

/**
 * Times of `recurrence/` beside rrule.js alone and ical.js, in milliseconds: one `next` by the clock, long lists by this
 * thread's CPU, since there the clock would tell what else a shared machine does. Needs no services.
 */
export function recurrence() {
  return {
    zone: ZONE,
    next: `DTSTART ten years back, ${NEXTS} moments an hour apart, a new series for each`,
    rules: [...common, ...hard].map(measure),
    hostile: hostile.map((text) => ({ text: text.slice(0, 50), ms: round(timeAnswer(text)) })),
    environment: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
  };
}

function measure(text: string) {
  const ruleSet = parse(text);
  const zones = new Zones();
  const series = () => seriesFrom(ruleSet, zones);
  // One round to compile the code: it is the second that counts.
  const [, nexts] = [0, 1].map(() =>
    Array.from({ length: NEXTS }, (_, hour) =>
      time(() => finish(series().next(NOW + hour * 3600))),
    ),
  );
  let found = 0;
  const cold = cpuTime(() => {
    const page = finish(seriesFrom(ruleSet, new Zones()).between(START, Infinity, INSTANCES));
    found = page.occurrences.length;
  });
  return {
    rule: text,
    next: quantiles(nexts as number[]),
    instances: found,
    instancesCpuMs: round(cold),
    microsecondsEach: round((cold / found) * 1000),
    ...(/DAILY|WEEKLY|MONTHLY|YEARLY/.test(text) ? { rrule: measureRrule(text) } : {}),
    ...(common.includes(text) ? { ical: measureIcal(text) } : {}),
  };
}

/** The same without a zone, which rrule.js alone gets wrong; the frequent ones would take minutes. */
function measureRrule(text: string) {
  const { RRule: Rule } = rruleModule;
  const options = { ...Rule.parseString(text), dtstart: new Date(START * 1000) };
  const create = (): RRule => new Rule(options, true);
  const nexts = Array.from({ length: 50 }, (_, hour) =>
    time(() => create().after(new Date((NOW + hour * 3600) * 1000))),
  );
  let found = 0;
  const all = cpuTime(() => {
    found = create().all((_date, index) => index < INSTANCES).length;
  });
  return { next: quantiles(nexts), instances: found, instancesCpuMs: round(all) };
}

/** Likewise without a zone. It iterates from DTSTART, whatever is sought; the hard rules take it minutes. */
function measureIcal(text: string) {
  const iterate = () =>
    ICAL.Recur.fromString(text).iterator(ICAL.Time.fromJSDate(new Date(START * 1000), true));
  const nexts = Array.from({ length: 50 }, (_, hour) =>
    time(() => {
      const iterator = iterate();
      let found = iterator.next();
      while (found && found.toUnixTime() <= NOW + hour * 3600) found = iterator.next();
    }),
  );
  let found = 0;
  const all = cpuTime(() => {
    const iterator = iterate();
    while (found < INSTANCES && iterator.next()) found += 1;
  });
  return { next: quantiles(nexts), instances: found, instancesCpuMs: round(all) };
}

/** Until a recurrence is refused, or its next occurrence is known. */
function timeAnswer(text: string): number {
  return time(() => {
    try {
      const series = seriesFrom(parse(text), new Zones());
      finish(check(series, NOW));
      finish(series.next(NOW));
    } catch {
      // Refused: that is an answer.
    }
  });
}

function seriesFrom(ruleSet: ReturnType<typeof parse>, zones: Zones): Series {
  const zone = zones.get(ZONE);
  if (!zone) {
    throw new Error(`no zone ${ZONE}`);
  }
  return new Series({ ruleSet, start: START, zone, zones });
}

function time(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** CPU of this thread; the kernel tells it in steps of a few milliseconds. */
function cpuTime(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

function quantiles(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => round(sorted[Math.floor(sorted.length * part)] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), max: round(sorted.at(-1) ?? Number.NaN) };
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
