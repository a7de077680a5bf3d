import type { Property } from '../../verdict.ts';
import { type Case, instancesOf } from '../cases.ts';
import { Tally } from '../tally.ts';
import { allWrites, differences, effectiveWrites } from '../versions.ts';

const NAME = 'whole-or-nothing';

/**
 * See `promise`. Which of the versions it may be is for `acknowledged-change` and `refused-change`
 * to say: here it must be one, and not a mixture.
 */
export const wholeOrNothing: Property = {
  name: NAME,
  promise:
    'an acknowledged event is in the database, an unacknowledged one is or is not, and what is there is whole: one version that was asked for',
  judge(history) {
    const tally = new Tally(NAME);
    const series = [...history.series.values()].map(({ whole }) => whole);
    const exceptions = instancesOf(history.series).filter(({ row }) => row !== null);
    for (const one of [...history.cases.values(), ...series, ...exceptions]) {
      tally.check();
      judgeCase(one, tally);
    }
    return tally.finding();
  },
};

function judgeCase({ id, operations, row }: Case, tally: Tally): void {
  const creates = operations.filter(({ kind }) => kind === 'create');
  if (row === null) {
    if (creates.some(({ outcome }) => outcome === 'ok')) {
      tally.convict(id, 'its creation was answered ok, and it is not in the database');
    }
    return;
  }
  if (creates.every(({ outcome }) => outcome === 'refused')) {
    tally.convict(
      id,
      `it is in the database, and its creation was ${creates.length > 0 ? 'refused' : 'never asked for'}`,
    );
    return;
  }
  const granted = effectiveWrites(operations);
  const writes = granted.length > 0 ? granted : allWrites(operations);
  const compared = writes.map(({ version }) => differences(row, version));
  const least = compared.toSorted((a, b) => a.length - b.length)[0];
  const refused = allWrites(operations).some(
    ({ version }) => differences(row, version).length === 0,
  );
  // A refused version in full is for `refused-change`.
  if (least && least.length > 0 && !refused) {
    tally.convict(
      id,
      `its row is of no version that was asked for: the nearest differs in ${least.join(', ')}`,
    );
  }
}
