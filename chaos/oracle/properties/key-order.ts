import type { LogRecord } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { type Case, type Evidence, idOf, topicsOf } from '../cases.ts';
import { Tally } from '../tally.ts';
import { effectiveWrites, type Write, written } from '../versions.ts';

const NAME = 'key-order';

/** ms: most that settings.look_ahead lets an event be claimed before its instant */
const LOOK_AHEAD = 1_000;

/** A record and the version that it is of. */
interface Placed {
  readonly record: LogRecord;
  readonly case: Case;
  readonly writes: Write[];
  readonly instant: number;
}

/**
 * See `promise`. An event is claimed with all that is due on its lane, in order of the instants, but
 * for rows that somebody has locked. So the one due earlier comes first if it was stored before the
 * later one could be claimed, unless an operation on it may have held its row then. Instances of series
 * are for `occurrences` to judge: when a relay had worked them out cannot be seen from outside.
 */
export const keyOrder: Property = {
  name: NAME,
  promise:
    'records of one key are on a partition in order of their instants, except across a rejected attempt',
  judge(history) {
    const tally = new Tally(NAME);
    for (const records of groupsOf(history)) {
      const before: Placed[] = [];
      for (const placed of records) {
        if (before.length > 0) tally.check();
        for (let i = before.length - 1; i >= 0; i--) {
          const other = before[i] as Placed;
          if (other.instant <= placed.instant) break;
          if (!isExcused(placed, other)) convict(placed, other, tally);
        }
        insert(before, placed);
      }
    }
    return tally.finding();
  },
};

/** Records of the same partition and key, in the order of the log; a topic that went away is left out. */
function groupsOf(history: Evidence): Placed[][] {
  const { cases } = history;
  const topics = topicsOf(history);
  const steady = history.log.filter(({ topic }) => topics.get(topic)?.kind !== 'fleeting');
  const groups = Map.groupBy(steady, ({ topic, partition, key }) =>
    JSON.stringify([topic, partition, key]),
  );
  return [...groups.values()]
    .filter((records) => records.length > 1)
    .map((records) =>
      records
        .toSorted((a, b) => a.offset - b.offset)
        .flatMap((record) => placedOf(record, cases.get(idOf(record)), history.ceSource)),
    );
}

function placedOf(record: LogRecord, one: Case | undefined, ceSource: string): Placed[] {
  const writes = one ? written(record, effectiveWrites(one.operations), ceSource) : [];
  const [first] = writes;
  if (!one || !first) return [];
  return [{ record, case: one, writes, instant: first.version.instant }];
}

/** Keeps them in order of their instants; they mostly come in it. */
function insert(before: Placed[], placed: Placed): void {
  let at = before.length;
  while (at > 0 && (before[at - 1] as Placed).instant > placed.instant) at--;
  before.splice(at, 0, placed);
}

/** @param due the one that is due earlier and came later @param first the one that came before it */
function isExcused(due: Placed, first: Placed): boolean {
  if ((due.case.row?.retry ?? 0) > 0 || (first.case.row?.retry ?? 0) > 0) return true;
  const stored = due.writes.filter(({ outcome }) => outcome === 'ok').map(({ to }) => to);
  if (stored.length === 0) return true;
  const written = Math.min(...first.writes.map(({ from }) => from));
  const claimable = Math.max(first.instant - LOOK_AHEAD, written);
  if (Math.max(...stored) >= claimable) return true;
  return due.case.operations.some(
    ({ kind, outcome, from, to }) =>
      kind !== 'create' &&
      (outcome === 'unknown' || to >= claimable) &&
      from <= (first.case.row?.publishedAt ?? Number.POSITIVE_INFINITY),
  );
}

function convict(due: Placed, first: Placed, tally: Tally): void {
  const early = Number((first.instant - due.instant).toFixed(3));
  const { topic, partition, offset } = due.record;
  tally.convict(
    due.case.id,
    `it is due ${early} ms before ${first.case.id} of the same key, and comes after it: ${topic}/${partition} offsets ${offset} and ${first.record.offset}`,
    first.case.id,
  );
}
