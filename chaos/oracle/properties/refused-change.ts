import type { EventVersion, Operation } from '../../history.ts';
import type { Property } from '../../verdict.ts';
import { type Case, instancesOf } from '../cases.ts';
import { refusalOf } from '../refusals.ts';
import { Tally } from '../tally.ts';
import { allWrites, differences, effectiveWrites, type Write, written } from '../versions.ts';

const NAME = 'refused-change';

export const refusedChange: Property = {
  name: NAME,
  promise:
    'what was refused has no effect, and is refused for a reason that holds; nothing is cancelled unasked',
  judge(history) {
    const tally = new Tally(NAME);
    const series = [...history.series.values()].map(({ whole }) => whole);
    for (const one of [...history.cases.values(), ...series]) {
      const refused = one.operations.filter(({ outcome }) => outcome === 'refused');
      for (const operation of refused) {
        tally.check();
        judgeReason(one, operation, tally);
      }
      judgeContent(one, history.ceSource, tally);
    }
    for (const one of instancesOf(history.series)) judgeContent(one, history.ceSource, tally);
    for (const one of history.cases.values()) judgeStatus(one, tally);
    return tally.finding();
  },
};

function judgeContent({ id, operations, row, sightings }: Case, ceSource: string, tally: Tally) {
  const granted = effectiveWrites(operations);
  const refused = allWrites(operations).filter(({ outcome }) => outcome === 'refused');
  if (refused.length === 0) return;
  if (row && says(row, refused) && !says(row, granted)) {
    tally.convict(id, 'its row is of a version that was refused');
  }
  for (const { record } of sightings) {
    const isRefused = written(record, refused, ceSource).length > 0;
    if (isRefused && written(record, granted, ceSource).length === 0) {
      tally.convict(id, 'its record is of a version that was refused');
    }
  }
}

function says(row: EventVersion, writes: readonly Write[]): boolean {
  return writes.some(({ version }) => differences(row, version).length === 0);
}

function judgeStatus({ id, operations, row }: Case, tally: Tally): void {
  if (row?.status !== 'CANCELED') return;
  const asked = operations.some(({ kind, outcome }) => kind === 'cancel' && outcome !== 'refused');
  if (!asked)
    tally.convict(id, 'it is CANCELED, and every cancel of it was refused or none was asked for');
}

/** "It is final" and "there is none" must be so, at the latest when that was said. */
function judgeReason({ id, operations, row, audit }: Case, refused: Operation, tally: Tally): void {
  const refusal = refusalOf(refused.code);
  const became = audit.find(({ after }) => after !== null && after.status !== 'SCHEDULED');
  if (refusal === 'final' && (became === undefined || became.at > refused.to)) {
    tally.convict(id, `a ${refused.kind} was refused because it is final, and it was not yet`);
  }
  const created = operations.some(
    ({ kind, outcome, to }) => kind === 'create' && outcome === 'ok' && to < refused.from,
  );
  if (refusal === 'not_found' && created) {
    tally.convict(
      id,
      `a ${refused.kind} was answered not_found after its creation had been answered ok`,
    );
  }
  if (refusal === 'in_flight' && row === null) {
    tally.convict(
      id,
      `a ${refused.kind} was refused because it is in flight, and there is no such event`,
    );
  }
}
