import type { BatchResult, SchedulableEvent } from '../../client/index.ts';
import { SchedulerError } from '../../client/index.ts';
import type { Entry } from './entry.ts';

/** Stores a batch: all or none. */
export type StoreBatch = (events: readonly SchedulableEvent[]) => Promise<readonly BatchResult[]>;

export interface Outcome {
  stored(results: readonly BatchResult[]): void;
  refused(entry: Entry, error: SchedulerError): void;
}

/** What may be the fault of one event of a batch; all else would be refused of each of them alike. */
const FAULTS_OF_EVENTS = new Set([400, 403, 409, 413]);

/**
 * Stores all that can be stored of a batch. When it is refused the event that the API names goes by
 * itself, and the others in halves, so that many refused ones do not cost a whole batch each.
 * @throws SchedulerError when there is no answer, or nothing at all would be taken
 */
export async function storeEntries(
  entries: readonly Entry[],
  store: StoreBatch,
  outcome: Outcome,
): Promise<void> {
  if (entries.length === 0) return;
  try {
    outcome.stored(await store(entries.map(({ event }) => event)));
  } catch (error) {
    if (!(error instanceof SchedulerError) || !FAULTS_OF_EVENTS.has(error.status ?? 0)) throw error;
    const [only, second] = entries;
    if (only && !second) {
      outcome.refused(only, error);
      return;
    }
    for (const part of split(entries, namedIndex(error))) {
      await storeEntries(part, store, outcome);
    }
  }
}

/** The one that is named comes last: another with its id, which went before, then decides. */
function split(entries: readonly Entry[], named: number | undefined): (readonly Entry[])[] {
  const others = entries.filter((_, index) => index !== named);
  const middle = Math.ceil(others.length / 2);
  const culprit = entries.filter((_, index) => index === named);
  return [others.slice(0, middle), others.slice(middle), culprit];
}

function namedIndex({ field }: SchedulerError): number | undefined {
  const index = /^\[(\d+)\]/.exec(field ?? '')?.[1];
  return index === undefined ? undefined : Number(index);
}
