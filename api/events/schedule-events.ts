import { runAs, type Statement } from '../database.ts';
import { inItem } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import { mapInSlices } from '../in-slices.ts';
import type { SeriesContext } from '../series/context.ts';
import { checkNewSeriesOf } from '../series/new-series.ts';
import type { WarningText } from '../series/warnings.ts';
import type { EventRow } from './event-row.ts';
import { type GivenEvent, recurs, toRecord } from './given-event.ts';
import { eventInputs, request } from './statements.ts';

/** What became of one event of a batch. */
export interface BatchedEvent extends Pick<EventRow, 'id' | 'status'> {
  /** false: the same creation was there already */
  readonly created: boolean;
  /** what the creator of a series should know */
  readonly warnings: readonly WarningText[];
}

/**
 * Creates many events and series in one transaction, all or none.
 * @returns what became of each, in the order given
 * @throws ProblemError 400, 403 or 409 whose field names the index first: `[17].timezone`
 */
export async function scheduleEvents(
  context: SeriesContext,
  caller: Caller,
  given: readonly GivenEvent[],
): Promise<BatchedEvent[]> {
  const warnings = await checkSeries(context, caller, given);
  const rows = await mapInSlices(given, (event) => JSON.stringify(toRecord(event)));
  const stored = await runAs<Omit<BatchedEvent, 'warnings'>>(
    context.pool,
    caller,
    scheduleStatement,
    [`[${rows.join(',')}]`],
  );
  return stored.map((event, index) => ({
    ...event,
    warnings: (event.created && warnings.get(index)) || [],
  }));
}

/** @returns warnings by the index of a series */
async function checkSeries(
  context: SeriesContext,
  caller: Caller,
  given: readonly GivenEvent[],
): Promise<Map<number, WarningText[]>> {
  const series = [...given.entries()].flatMap(([index, event]) =>
    recurs(event) ? [{ index, event }] : [],
  );
  if (series.length === 0) {
    return new Map();
  }
  const ids = series.map(({ event }) => event.id ?? null);
  const check = await checkNewSeriesOf(context, caller, ids);
  const found = await mapInSlices(series, async ({ index, event }) => {
    try {
      return [index, await check(event)] as const;
    } catch (error) {
      throw inItem(error, index);
    }
  });
  return new Map(found);
}

/** $3 a JSON array of `toRecord` */
const scheduleStatement: Statement = {
  name: 'schedule_batch',
  text: `${request('$3::json as events')}
    select e.id, e.status, e.created
    from request q cross join lateral scheduler_private.schedule_batch(${eventInputs}) e`,
};
