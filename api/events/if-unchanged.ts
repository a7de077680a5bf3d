import type pg from 'pg';
import { inTransaction, runAs, type Statement } from '../database.ts';
import type { Caller } from '../identity/caller.ts';
import type { EventsContext } from './context.ts';
import type { EventRow } from './event-row.ts';
import { checkId, readEvent } from './read-event.ts';
import { request } from './statements.ts';

/**
 * Changes an event, a series or an instance if it is as its caller thinks, all in one transaction: its
 * row is locked before it is read, so that nobody else changes it in between.
 * @param pool of `context`
 * @param id as the caller wrote it
 * @param isExpected whether the event is as it should be
 * @param change in the context of the transaction
 * @throws ProblemError 412, 404, or what `change` throws
 */
export function ifUnchanged<Result>(
  pool: pg.Pool,
  context: EventsContext,
  caller: Caller,
  id: string,
  isExpected: (event: EventRow) => boolean,
  change: (context: EventsContext) => Promise<Result>,
): Promise<Result> {
  const { errors, series } = context;
  const known = checkId(id, errors);
  if (!series) {
    const detail = 'Conditional changes take the schema of this release.';
    throw errors.refusal('database_unavailable', { detail });
  }
  return inTransaction(pool, async (client) => {
    const held = { ...context, pool: client, series: { ...series, pool: client } };
    await runAs(client, caller, holdStatement, [known.id]);
    if (!isExpected(await readEvent(held, caller, known.id))) {
      throw errors.refusal('precondition_failed', { field: 'If-Match' });
    }
    return change(held);
  });
}

/** $3 the id. */
const holdStatement: Statement = {
  name: 'hold_event',
  text: `${request('$3::text as id')}
    select from request r cross join lateral scheduler_private.hold_event(r.id)`,
};
