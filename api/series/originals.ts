import { finishInSlices, Meter, type RevisedOccurrence } from '../../recurrence/index.ts';
import type { Exception, Original } from './exceptions.ts';
import type { SeriesRules } from './stored-series.ts';

/**
 * The occurrence in whose place an exception is: at the same instant or, after a new time zone database
 * moved it, with the same wall time. Null: the rule has none any more.
 * @param meter of all the work for one answer
 */
export async function findOriginal(
  { occurrences, revisions, zones }: SeriesRules,
  { instant, wall, secondPass }: Original,
  meter = new Meter(),
): Promise<RevisedOccurrence | null> {
  const same = await finishInSlices(occurrences.at(instant, meter));
  if (same) {
    return same;
  }
  const moved = new Set(
    [...new Set(revisions.map(({ timezone }) => timezone))]
      .map((name) => zones.get(name)?.resolve(wall, 'shift', secondPass ? 'last' : 'first')[0])
      .filter((at) => at !== undefined && at !== instant),
  );
  for (const at of moved) {
    const found = await finishInSlices(occurrences.at(at as number, meter));
    if (found?.wall === wall && found.secondPass === secondPass) {
      return found;
    }
  }
  return null;
}

/** Whether an exception is to be seen: what was neither published nor failed vanishes with its occurrence. */
export function isInForce({ event }: Exception, original: RevisedOccurrence | null): boolean {
  return original !== null || event.status === 'PUBLISHED' || event.status === 'FAILED';
}
