import type { EventVersion } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { instancesOf } from '../cases.ts';
import { Tally } from '../tally.ts';
import { differences, effectiveWrites, lastWrites, type Write, written } from '../versions.ts';

const NAME = 'acknowledged-change';

/**
 * See `promise`. Of writes that overlap, any may be the last. An instance that a later rule of its
 * series does not have is dropped.
 */
export const acknowledgedChange: Property = {
  name: NAME,
  promise:
    'a change that was answered ok is what arrives and what the database shows, unless a later one may have replaced it',
  judge(history) {
    const tally = new Tally(NAME);
    const kept = instancesOf(history.series).filter(({ mayBeDropped }) => !mayBeDropped);
    const series = [...history.series.values()].map(({ whole }) => whole);
    for (const { id, operations, row, sightings } of [
      ...history.cases.values(),
      ...kept,
      ...series,
    ]) {
      const changed = operations.some(
        ({ kind, outcome }) => kind === 'replace' && outcome === 'ok',
      );
      if (!changed) continue;
      tally.check();
      const last = lastWrites(operations);
      const stale = effectiveWrites(operations).filter((write) => !last.includes(write));
      for (const { record } of sightings) {
        const isStale = written(record, stale, history.ceSource).length > 0;
        if (isStale && written(record, last, history.ceSource).length === 0) {
          tally.convict(id, 'its record is of a version that had been replaced');
        }
      }
      if (row === null)
        tally.convict(id, 'a change of it was answered ok, and it is not in the database');
      else if (saysOneOf(row, stale) && !saysOneOf(row, last)) {
        tally.convict(id, 'its row is of a version that had been replaced');
      }
    }
    return tally.finding();
  },
};

function saysOneOf(row: EventVersion, writes: readonly Write[]): boolean {
  return writes.some(({ version }) => differences(row, version).length === 0);
}
