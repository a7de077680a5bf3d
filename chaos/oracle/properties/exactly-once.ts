import type { FinalRow, TopicFacts } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { type Case, type Evidence, idOf, instancesOf, placeOf, topicsOf } from '../cases.ts';
import { Tally } from '../tally.ts';
import { lastWrites } from '../versions.ts';

const NAME = 'exactly-once';

/**
 * ms before a topic's absence, and after it. What was committed when the topic went is gone with it
 * and may not have been seen; its confirmation comes late when its relay was killed meanwhile.
 */
const VANISHING = { before: 1_000, after: 15_000 };

/** See `promise`. How often a consumer had it and how often it is in the log must say the same. */
export const exactlyOnce: Property = {
  name: NAME,
  promise:
    'an event is PUBLISHED if and only if it is on its topic, and then it is there once, for every consumer',
  judge(history) {
    const tally = new Tally(NAME);
    const topics = topicsOf(history);
    // What is no exception has no row: that is for `occurrences` to judge.
    const exceptions = instancesOf(history.series).filter(({ row }) => row !== null);
    for (const one of [...history.cases.values(), ...exceptions]) {
      tally.check();
      judgeCase(one, history, topics, tally);
    }
    judgeDeliveries(history, topics, tally);
    return tally.finding();
  },
};

function judgeCase(
  { id, operations, row, sightings }: Case,
  { dueBy }: Evidence,
  topics: ReadonlyMap<string, TopicFacts>,
  tally: Tally,
): void {
  const places = sightings.map(({ record, inLog }) => `${where(record)}${inLog ? '' : ' (gone)'}`);
  const status = row?.status ?? 'not in the database';
  if (places.length > 1) {
    tally.convict(
      id,
      `it should be on its topic once, it is there ${places.length} times: ${places.join(', ')}`,
    );
  } else if (places.length === 1 && operations.every(({ kind }) => kind !== 'create')) {
    tally.convict(id, `nobody created it, yet it is at ${places[0]}`);
  } else if (places.length === 1 && status !== 'PUBLISHED') {
    tally.convict(id, `it is at ${places[0]}, so it should be PUBLISHED, and is ${status}`);
  } else if (places.length === 0 && row?.status === 'PUBLISHED' && !mayHaveVanished(row, topics)) {
    tally.convict(id, 'it is PUBLISHED, so it should be on its topic, and is not');
  }
  const acknowledged = operations.some(
    ({ kind, outcome }) => kind === 'create' && outcome === 'ok',
  );
  const due = lastWrites(operations).every(({ version }) => version.instant <= dueBy);
  if (acknowledged && due && row === null && places.length === 0) {
    tally.convict(
      id,
      'it was acknowledged and due, and is neither on its topic nor in the database',
    );
  }
}

function mayHaveVanished(
  { topic, publishedAt }: FinalRow,
  topics: ReadonlyMap<string, TopicFacts>,
): boolean {
  const facts = topics.get(topic);
  if (facts?.kind !== 'fleeting' || publishedAt === null) return false;
  return facts.absent.some(
    ({ from, to }) => from - VANISHING.before <= publishedAt && publishedAt <= to + VANISHING.after,
  );
}

/**
 * Live and at the end consumers must get the same. That the live one did not come to the end of a
 * partition is its own affair; but it must not have passed over a record. A fleeting topic's records
 * go with it, and its offsets begin anew: there only `judgeCase` counts.
 */
function judgeDeliveries(
  { log, deliveries }: Evidence,
  topics: ReadonlyMap<string, TopicFacts>,
  tally: Tally,
): void {
  const isSteady = ({ topic }: { topic: string }) => topics.get(topic)?.kind !== 'fleeting';
  const inLog = new Set(log.map(placeOf));
  const delivered = new Set<string>();
  const reached = new Map<string, number>();
  for (const delivery of deliveries.filter(isSteady)) {
    tally.check();
    const place = placeOf(delivery);
    delivered.add(place);
    const partition = `${delivery.topic}/${delivery.partition}`;
    reached.set(partition, Math.max(reached.get(partition) ?? -1, delivery.offset));
    if (!inLog.has(place)) {
      tally.convict(
        idOf(delivery),
        `it was delivered from ${where(delivery)}, where the log has another record or none`,
      );
    }
  }
  for (const record of log.filter(isSteady)) {
    const last = reached.get(`${record.topic}/${record.partition}`) ?? -1;
    if (record.offset < last && !delivered.has(placeOf(record))) {
      tally.convict(
        idOf(record),
        `it is at ${where(record)}, and a consumer that read on to ${last} never got it`,
      );
    }
  }
}

function where(record: { topic: string; partition: number; offset: number }): string {
  return `${record.topic}/${record.partition} offset ${record.offset}`;
}
