import { recurrenceOf, startsOf } from '../../series.ts';
import type { Property } from '../../verdict.ts';
import type { SeriesCase } from '../series-cases.ts';
import { Tally } from '../tally.ts';
import { effectiveWrites, lastWrites } from '../versions.ts';

const NAME = 'series-status';

export const seriesStatus: Property = {
  name: NAME,
  promise:
    'a series is SCHEDULED while anything of it is; then PUBLISHED if anything was published, else FAILED if anything failed, else CANCELED; or it was cancelled',
  judge(history) {
    const tally = new Tally(NAME);
    for (const series of history.series.values()) {
      const { row, id, operations } = series.whole;
      if (!row) continue;
      tally.check();
      const wrong = fault(series, history.dueBy);
      if (wrong) tally.convict(id, `it is ${row.status}, and ${wrong}`);
      const rules = lastWrites(operations).flatMap(({ version: { rule } }) =>
        rule ? [recurrenceOf(rule)] : [],
      );
      if (!rules.includes(row.recurrence ?? '')) {
        tally.convict(id, `its rule is ${row.recurrence}, and should be ${rules.join(' or ')}`);
      }
      judgeExceptions(series, tally);
    }
    return tally.finding();
  },
};

/** What speaks against its status; null: nothing. */
function fault({ whole, instances }: SeriesCase, dueBy: number): string | null {
  const status = whole.row?.status;
  const all = [...instances.values()];
  const rows = all.flatMap(({ row }) => row ?? []);
  const published =
    all.some(({ sightings }) => sightings.length > 0) ||
    rows.some((row) => row.status === 'PUBLISHED');
  const failed = rows.some((row) => row.status === 'FAILED');
  const open = rows.filter((row) => row.status === 'SCHEDULED');
  const cancels = whole.operations.filter(({ kind }) => kind === 'cancel');
  const later = (instant: number) => instant > dueBy;
  if (cancels.some(({ outcome }) => outcome === 'ok') && status !== 'CANCELED') {
    return 'its cancel was answered ok';
  }
  if (status === 'SCHEDULED') {
    const starts = effectiveWrites(whole.operations).flatMap(({ version }) => startsOf(version));
    const waits = open.some(({ instant }) => later(instant)) || starts.some(later);
    return waits ? null : 'nothing of it is left';
  }
  if (open.length > 0) return `its instance ${open[0]?.id} is SCHEDULED`;
  if (status === 'PUBLISHED') return published ? null : 'nothing of it was published';
  if (cancels.some(({ outcome }) => outcome !== 'refused') && status === 'CANCELED') return null;
  if (published) return 'something of it was published';
  return (status === 'FAILED') === failed
    ? null
    : `${failed ? 'something' : 'nothing'} of it failed`;
}

/** Nothing is cancelled unasked. */
function judgeExceptions({ whole, instances }: SeriesCase, tally: Tally): void {
  for (const { id, row, own } of instances.values()) {
    const asked = [...own, ...whole.operations].some(
      ({ kind, outcome }) => kind === 'cancel' && outcome !== 'refused',
    );
    if (row?.status === 'CANCELED' && !asked) {
      tally.convict(id, 'it is CANCELED, and nobody cancelled it or its series');
    }
  }
}
