import type { Operation } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { type Evidence, topicsOf } from '../cases.ts';
import { has, type InstanceCase, inForceAt, leftAt, type SeriesCase } from '../series-cases.ts';
import { Tally } from '../tally.ts';
import { effectiveWrites, type Write, written } from '../versions.ts';

const NAME = 'occurrences';

/**
 * See `promise`. What became an exception has a row, by which `exactly-once` and the properties of
 * changes judge it as they judge any event.
 */
export const occurrences: Property = {
  name: NAME,
  promise:
    'every occurrence that the rule in force has, and no other, is on its topic once, as its series was then and in order',
  judge(history) {
    const tally = new Tally(NAME);
    for (const series of history.series.values()) {
      const { whole, instances } = series;
      if (whole.sightings.length > 0) tally.convict(whole.id, 'the series itself is on a topic');
      for (const instance of instances.values()) {
        tally.check();
        judgeInstance(series, instance, history, tally);
      }
      judgeOrder(series, history, tally);
    }
    return tally.finding();
  },
};

function judgeInstance(
  { whole }: SeriesCase,
  instance: InstanceCase,
  history: Evidence,
  tally: Tally,
): void {
  const { id, row, sightings, start } = instance;
  if (row !== null) return;
  const inForce = inForceAt(whole.operations, start);
  if (sightings.length === 0) {
    if (isOwed(whole, instance, inForce, history.dueBy)) {
      tally.convict(id, 'the rule has it, nobody touched it, it was due, and it is not there');
    }
  } else if (sightings.length > 1) {
    tally.convict(id, `it should be on its topic once, it is there ${sightings.length} times`);
  } else if (!inForce.some((write) => has(write, start))) {
    tally.convict(id, 'it is on its topic, and no rule that was in force had it');
  } else if (canceledSince(whole.operations) < start) {
    tally.convict(id, 'it is on its topic, and its series had been canceled before its instant');
  } else if (isOutdated(whole.operations, instance, history)) {
    tally.convict(id, 'its record is of a content that its series did not have any more');
  }
}

/** When the cancel of a series had been answered ok; infinity: never. */
function canceledSince(operations: readonly Operation[]): number {
  const cancels = operations.filter(({ kind, outcome }) => kind === 'cancel' && outcome === 'ok');
  return Math.min(...cancels.map(({ to }) => to));
}

/** Whether its record is of a version that had been replaced before it could be claimed. */
function isOutdated(
  asked: readonly Operation[],
  { operations, start, sightings }: InstanceCase,
  { ceSource }: Evidence,
): boolean {
  const { record } = sightings[0] as (typeof sightings)[0];
  const given = written(record, effectiveWrites(operations), ceSource);
  const left = new Set(leftAt(asked, start).map(({ from, to }) => `${from} ${to}`));
  return given.length > 0 && given.every(({ from, to }) => !left.has(`${from} ${to}`));
}

/** Whether it must have been published: whichever rule was in force had it, and nobody touched it. */
function isOwed(
  whole: SeriesCase['whole'],
  { own, start }: InstanceCase,
  inForce: readonly Write[],
  dueBy: number,
): boolean {
  const touched = [...own, ...whole.operations.filter(({ kind }) => kind === 'cancel')].some(
    ({ outcome }) => outcome !== 'refused',
  );
  return (
    whole.row !== null &&
    !touched &&
    start <= dueBy &&
    inForce.length > 0 &&
    inForce.every((write) => has(write, start))
  );
}

/** Those of a series that was never changed, but for what became an exception. */
function judgeOrder({ whole, instances }: SeriesCase, history: Evidence, tally: Tally): void {
  if (effectiveWrites(whole.operations).some(({ kind }) => kind === 'replace')) return;
  const topics = topicsOf(history);
  const placed = [...instances.values()]
    .filter(({ row, own }) => row === null && own.every(({ outcome }) => outcome === 'refused'))
    .flatMap(({ id, start, sightings }) =>
      sightings
        .filter(({ record }) => topics.get(record.topic)?.kind !== 'fleeting')
        .map(({ record }) => ({ id, start, record })),
    )
    .toSorted((a, b) => a.start - b.start);
  for (const [i, { id, record }] of placed.entries()) {
    const before = placed[i - 1];
    if (!before) continue;
    tally.check();
    if (before.record.partition !== record.partition || before.record.offset > record.offset) {
      tally.convict(id, 'it comes before the occurrence that precedes it', before.id);
    }
  }
}
