import type { QueryResultRow } from 'pg';
import { runAs, type Statement } from '../database.ts';
import type { ErrorCatalogue, ProblemError } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from '../series/context.ts';
import { findInstance } from '../series/find-instance.ts';
import type { EventsContext } from './context.ts';
import { type EventId, readEventId } from './event-id.ts';
import type { EventRow } from './event-row.ts';
import { columns, request, seriesColumns } from './statements.ts';
import type { StatusRow } from './statuses.ts';

/**
 * Reads an event, a series or an instance.
 * @param id as the caller wrote it
 * @throws ProblemError 400 or 404
 */
export async function readEvent(
  context: EventsContext,
  caller: Caller,
  id: string,
): Promise<EventRow> {
  const known = checkId(id, context.errors);
  if (known.type === 'instance') {
    return (await findInstance(seriesOr404(context, known), caller, known)).event;
  }
  return ask<EventRow>(context, caller, context.statements.read, [known.id]);
}

/**
 * Reads where an event, a series or an instance stands.
 * @throws ProblemError 400 or 404
 */
export async function readStatus(
  context: EventsContext,
  caller: Caller,
  id: string,
): Promise<StatusRow> {
  const known = checkId(id, context.errors);
  if (known.type === 'instance') {
    const { event } = await findInstance(seriesOr404(context, known), caller, known);
    return { id: event.id, status: event.status };
  }
  const row = await context.statuses.read(caller, known.id);
  if (!row) {
    throw notFound(context.errors, known.id);
  }
  return row;
}

/**
 * Reads many events and series, instances only where they are exceptions.
 * @param ids in their canonical spelling
 * @returns those that the caller may see, by id
 */
export async function readEvents(
  { pool }: SeriesContext,
  caller: Caller,
  ids: readonly string[],
): Promise<Map<string, EventRow>> {
  const rows = await runAs<EventRow>(pool, caller, readMany, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** $3 ids. */
const readMany: Statement = {
  name: 'read_events',
  text: `${request('$3::text[] as ids')}
    select ${columns(seriesColumns)} from request r cross join lateral (
      select * from scheduler.events v where v.id = any (r.ids) offset 0) e`,
};

/** @throws ProblemError 400 */
export function checkId(id: string, errors: ErrorCatalogue): EventId {
  const known = readEventId(id);
  if (!known) {
    throw errors.refusal('invalid_id', { field: 'id', detail: JSON.stringify(id.slice(0, 60)) });
  }
  return known;
}

/** @throws ProblemError 404 where there are no series: no instance either */
export function seriesOr404({ series, errors }: EventsContext, { id }: EventId): SeriesContext {
  if (!series) {
    throw notFound(errors, id);
  }
  return series;
}

/**
 * The row of a statement whose first value is an id.
 * @throws ProblemError 404 when there is none
 */
export async function ask<Row extends QueryResultRow>(
  { pool, errors }: EventsContext,
  caller: Caller,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row> {
  const [row] = await runAs<Row>(pool, caller, statement, values);
  if (!row) {
    throw notFound(errors, String(values[0]));
  }
  return row;
}

function notFound(errors: ErrorCatalogue, id: string): ProblemError {
  return errors.refusal('not_found', { field: 'id', detail: id });
}
