import type { Property } from '../../verdict.ts';
import { type Case, type Evidence, messagesOf, type Sighting } from '../cases.ts';
import { Tally } from '../tally.ts';
import { allWrites, nearest, written } from '../versions.ts';

const NAME = 'never-early';

/** ms that a timestamp may be later than when it was seen: relays know the true time by what they hear from Postgres */
const AHEAD = 5_000;
/** ms that a timestamp may be earlier than when it was seen: transactions wait, consumers stall */
const BEHIND = 60_000;

/**
 * See `promise`. What a clock shows in whole milliseconds has begun by then and lasts one: at 99 it
 * may be 99.9, and an instant of 99.5 is past.
 */
export const neverEarly: Property = {
  name: NAME,
  promise:
    'nothing is visible before its instant, and a record bears the true time of its publishing, not before its instant',
  judge(history) {
    const tally = new Tally(NAME);
    for (const one of messagesOf(history)) {
      for (const sighting of one.sightings) {
        tally.check();
        judgeSighting(one, sighting, history, tally);
      }
    }
    return tally.finding();
  },
};

function judgeSighting(one: Case, { record, at }: Sighting, history: Evidence, tally: Tally): void {
  const { timestamp } = record;
  const instant = instantOfArrived(one, record, history);
  if (instant !== null && at !== null && at + 1 <= instant) {
    tally.convict(one.id, `it was delivered ${ms(instant - at)} before its instant`);
  }
  if (instant !== null && timestamp + 1 <= instant) {
    tally.convict(
      one.id,
      `its record's timestamp is ${ms(instant - timestamp)} before its instant`,
    );
  }
  const seen = [at, one.row?.publishedAt].filter((time) => typeof time === 'number');
  if (seen.length === 0) return;
  const first = Math.min(...seen);
  if (timestamp > first + AHEAD) {
    tally.convict(
      one.id,
      `its record's timestamp is ${ms(timestamp - first)} after it was published`,
    );
  } else if (timestamp < first - BEHIND) {
    tally.convict(
      one.id,
      `its record's timestamp is ${ms(first - timestamp)} before it was published`,
    );
  }
}

/** The earliest of those versions that the record may be; what is none of them is for `content`. */
function instantOfArrived(
  { operations }: Case,
  record: Sighting['record'],
  { ceSource }: Evidence,
): number | null {
  const writes = allWrites(operations);
  const same = written(record, writes, ceSource);
  if (same.length > 0) return Math.min(...same.map(({ version }) => version.instant));
  return nearest(record, writes, ceSource)?.write.version.instant ?? null;
}

function ms(time: number): string {
  return `${Number(time.toFixed(3))} ms`;
}
