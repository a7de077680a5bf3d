import {
  check,
  RecurrenceError,
  type RevisedOccurrence,
  RevisedSeries,
  type Watermark,
  type Work,
  type Zones,
} from '../../recurrence/index.ts';
import type { ExpandedSeries, ExpansionError, MarkedSeries, Place } from './marked-series.ts';

/** s: what is overdue by no more was not missed; the same in SQL, scheduler_private.grace() */
const GRACE = 60;
/** more occurrences before its creation need `missed` */
const MOST_PAST = 100;
/**
 * s: how far ahead occurrences are stored. Longer windows cost rows that are rewritten at each confirm,
 * shorter ones cost expansions: a series of every second is expanded every eight minutes.
 */
const WINDOW = 600;
/** so that one of seldom occurrences still has one stored while the last but one is on its way */
const LEAST_PENDING = 2;
/** bounds a row's size: some 20 kB */
const MOST_PENDING = 500;

/**
 * What a marked series needs: its next occurrences, what of its past is passed over, and where its exceptions
 * belong. Pure: all that it knows is in the state that it is given.
 * @returns null when this program does not know a time zone of a series that another one expanded before: a
 *   newer one may
 */
export function* planExpansion(state: MarkedSeries, zones: Zones): Work<ExpandedSeries | null> {
  try {
    const series = yield* RevisedSeries.open(state.revisions, zones);
    const error = yield* findError(state, series);
    return error ? failed(state, error) : yield* expand(state, series);
  } catch (error) {
    if (!(error instanceof RecurrenceError)) throw error;
    if (error.code === 'unknown_timezone' && state.checked) return null;
    return failed(state, { code: 'invalid_recurrence', detail: error.message });
  }
}

/** Nothing else of a present rule has been looked at that has no occurrence yet: SQL knows its grammar only. */
function* findError(state: MarkedSeries, series: RevisedSeries): Work<ExpansionError | null> {
  const { checked, watermark, missed, revisions, createdAt } = state;
  if (!checked || watermark?.revision !== revisions.at(-1)?.number) yield* check(series.current);
  if (checked || missed !== null) return null;
  const past = yield* series.after(watermark, createdAt - GRACE, MOST_PAST + 1);
  if (past.occurrences.length <= MOST_PAST) return null;
  const detail = `More than ${MOST_PAST} occurrences lie before its creation: missed must say what becomes of them.`;
  return { code: 'many_past_occurrences', detail };
}

function* expand(state: MarkedSeries, series: RevisedSeries): Work<ExpandedSeries> {
  const { id, version, watermark, now } = state;
  const judgement = yield* judgeMissed(state, series);
  const from = judgement.passed ?? watermark;
  const { occurrences, complete } = yield* listPending(series, from, now);
  const { settled, dropped } = yield* settle(state, series);
  return {
    id,
    version,
    pending: occurrences.map(toWatermark),
    exhausted: complete,
    ...judgement,
    settled,
    dropped,
    error: null,
  };
}

type Judgement = Pick<ExpandedSeries, 'passed' | 'judgedUntil'>;

const KEEPS_ALL: Judgement = { passed: null, judgedUntil: null };

/** What `missed` makes of occurrences that are overdue by more than the grace. */
function* judgeMissed(
  { missed, watermark, now }: MarkedSeries,
  series: RevisedSeries,
): Work<Judgement> {
  if (missed !== 'latest' && missed !== 'skip') return KEEPS_ALL;
  const overdue = yield* series.after(watermark, now - GRACE, 1);
  if (overdue.occurrences.length === 0) return KEEPS_ALL;
  if (missed === 'skip') {
    const last = Math.ceil(now - GRACE) - 1;
    return { passed: beyond(watermark, series.watermarkAt(last)), judgedUntil: now };
  }
  const newest = (yield* series.lastUntil(watermark, now)) as RevisedOccurrence;
  const before = yield* series.lastUntil(watermark, newest.instant - 1);
  return { passed: beyond(watermark, before && toWatermark(before)), judgedUntil: newest.instant };
}

/**
 * A range that is passed over begins where the former watermark ends. Where a new time zone database moved
 * what is overdue before that, nobody was late: nothing is passed over.
 */
function beyond(watermark: Watermark | null, passed: Watermark | null): Watermark | null {
  return passed && watermark && passed.instant <= watermark.instant ? null : passed;
}

function* listPending(series: RevisedSeries, from: Watermark | null, now: number) {
  const near = yield* series.after(from, now + WINDOW, MOST_PENDING);
  if (!near.complete) return near;
  if (near.occurrences.length < LEAST_PENDING) {
    return yield* series.after(from, Number.POSITIVE_INFINITY, LEAST_PENDING);
  }
  const last = near.occurrences.at(-1) as RevisedOccurrence;
  const { complete } = yield* series.after(last, Number.POSITIVE_INFINITY, 0);
  return { ...near, complete };
}

/** Final exceptions stay for ever: they are what has happened. */
function* settle(
  { unsettled }: MarkedSeries,
  series: RevisedSeries,
): Work<Pick<ExpandedSeries, 'settled' | 'dropped'>> {
  const settled: Place[] = [];
  const dropped: string[] = [];
  for (const { final, ...place } of unsettled) {
    const occurrence = yield* series.at(place.instant);
    if (occurrence) {
      const { wall, secondPass } = occurrence;
      settled.push({ ...place, wall, secondPass });
    } else if (final) {
      settled.push(place);
    } else {
      dropped.push(place.id);
    }
  }
  return { settled, dropped };
}

function failed({ id, version }: MarkedSeries, error: ExpansionError): ExpandedSeries {
  return {
    id,
    version,
    pending: [],
    exhausted: true,
    ...KEEPS_ALL,
    settled: [],
    dropped: [],
    error,
  };
}

/** Without what SQL need not know. */
function toWatermark({ instant, wall, secondPass, revision }: RevisedOccurrence): Watermark {
  return { instant, wall, secondPass, revision };
}
