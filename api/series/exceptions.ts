import type { Instant, RevisedOccurrence, WallTime } from '../../recurrence/index.ts';
import { runAs, type Statement } from '../database.ts';
import { makeInstanceId } from '../events/event-id.ts';
import type { EventRow } from '../events/event-row.ts';
import { columns, request, seriesColumns } from '../events/statements.ts';
import type { Caller } from '../identity/caller.ts';
import type { SeriesContext } from './context.ts';

/** Which occurrence of its series an exception takes the place of. */
export interface Original {
  readonly instant: Instant;
  readonly wall: WallTime;
  readonly secondPass: boolean;
}

export interface Exception {
  readonly event: EventRow;
  readonly original: Original;
}

/** Names of exceptions, to tell which occurrences have one. */
export interface ExceptionKey {
  readonly id: string;
  readonly wall: WallTime;
  readonly secondPass: boolean;
  /** whether the wall time is that of an occurrence by the present rule */
  readonly settled: boolean;
}

/** Where a page begins or ended: a current time and an id. */
export interface Position {
  /** `YYYY-MM-DDThh:mm:ss.ffffff` in UTC */
  readonly at: string;
  readonly id: string;
}

export interface Window {
  readonly seriesId: string;
  /** exclusive */
  readonly after: Position;
  /** exclusive, seconds; infinity: no end */
  readonly to: number;
  /** inclusive, seconds; infinity: no end */
  readonly until: number;
  readonly limit: number;
  /** bytes of payload after which no more are read */
  readonly bytes: number;
}

export interface Stretch {
  readonly exceptions: readonly Exception[];
  /** whether these are all of the window */
  readonly complete: boolean;
}

interface ExceptionRow extends EventRow {
  readonly original: Original;
}

/** The exceptions of some occurrences of a series. */
export function readExceptionKeys(
  { pool }: SeriesContext,
  caller: Caller,
  seriesId: string,
  occurrences: readonly RevisedOccurrence[],
): Promise<ExceptionKey[]> {
  return runAs<ExceptionKey>(pool, caller, exceptionKeys, [
    seriesId,
    occurrences.map(({ instant }) => makeInstanceId(seriesId, instant).id),
    occurrences.map(({ wall }) => wall),
    occurrences.map(({ secondPass }) => secondPass),
  ]);
}

/** The exceptions with one of these ids or, by a settled rule, in the place of an occurrence. */
export async function readExceptions(
  { pool }: SeriesContext,
  caller: Caller,
  seriesId: string,
  id: string,
  occurrence: RevisedOccurrence | null,
): Promise<Exception[]> {
  const values = [seriesId, [id], [occurrence?.wall], [occurrence?.secondPass]];
  return (await runAs<ExceptionRow>(pool, caller, exceptionsOf, values)).map(toException);
}

/** Which occurrences exceptions take the place of, by their ids. */
export async function readOriginals(
  { pool }: SeriesContext,
  caller: Caller,
  ids: readonly string[],
): Promise<Map<string, Original>> {
  const rows = await runAs<{ id: string; original: Original }>(pool, caller, originalsOf, [ids]);
  return new Map(rows.map(({ id, original }) => [id, original]));
}

/** The exceptions of a series in order of their current time, then id. */
export async function readExceptionsBetween(
  { pool }: SeriesContext,
  caller: Caller,
  { seriesId, after, to, until, limit, bytes }: Window,
): Promise<Stretch> {
  const values = [seriesId, `${after.at}Z`, after.id, to, until, limit, bytes];
  const rows = await runAs<ExceptionRow & { found: number }>(
    pool,
    caller,
    exceptionsBetween,
    values,
  );
  const found = rows[0]?.found ?? 0;
  return {
    exceptions: rows.map(({ found: _, ...row }) => toException(row)),
    complete: found < limit && rows.length === found,
  };
}

function toException({ original, ...event }: ExceptionRow): Exception {
  return { event, original };
}

/** $3 the series, $4 ids, $5 and $6 walls and passes. By two indexes, because one condition would use none. */
const matching = (fields: string) => `
  select ${fields} from scheduler_private.exceptions x where x.event_id = any (r.ids)
  union
  select ${fields}
  from unnest(r.walls, r.passes) as k (wall, pass)
  join scheduler_private.exceptions x on x.series_id = r.series_id and x.settled
    and (x.original_wall, x.original_second_pass) = (to_timestamp(k.wall) at time zone 'UTC', k.pass)`;

const keys = request(
  '$3::text as series_id, $4::text[] as ids, $5::float8[] as walls, $6::boolean[] as passes',
);

const exceptionKeys: Statement = {
  name: 'exception_keys',
  text: `${keys}
    select x.event_id as id, extract(epoch from x.original_wall)::float8 as wall,
      x.original_second_pass as "secondPass", x.settled
    from request r cross join lateral (${matching('x.*')} offset 0) x`,
};

const original = `
  jsonb_build_object('instant', extract(epoch from x.original_instant),
    'wall', extract(epoch from x.original_wall), 'secondPass', x.original_second_pass) as original`;

const exceptionsOf: Statement = {
  name: 'exceptions_of',
  text: `${keys}
    select ${columns(seriesColumns)}, ${original}
    from request r cross join lateral (${matching('x.*')} offset 0) x
    join lateral (select * from scheduler.events v where v.id = x.event_id offset 0) e on true`,
};

const originalsOf: Statement = {
  name: 'originals_of',
  text: `${request('$3::text[] as ids')}
    select x.event_id as id, ${original}
    from request r cross join lateral (
      select y.* from scheduler_private.exceptions y where y.event_id = any (r.ids) offset 0) x`,
};

/** $3 the series, $4 and $5 a position, $6 and $7 ends, $8 how many, $9 bytes; at least one comes. */
const exceptionsBetween: Statement = {
  name: 'exceptions_between',
  text: `${request(`$3::text as series_id, $4::timestamptz as starts, $5::text as after_id,
      to_timestamp($6::float8) as ends, to_timestamp($7::float8) as until, $8::integer as most,
      $9::bigint as bytes`)}
    select ${columns(seriesColumns)}, ${original}, e.found
    from request r cross join lateral (
      select n.*, (count(*) over ())::integer as found, sum(octet_length(n.payload)) over (order by n.scheduled_instant, n.id)
        - octet_length(n.payload) as bytes_before
      from (
        select v.* from scheduler.events v
        where v.recurrence_id = r.series_id and (v.scheduled_instant, v.id) > (r.starts, r.after_id)
          and v.scheduled_instant < r.ends and v.scheduled_instant <= r.until
        order by v.scheduled_instant, v.id limit r.most) n) e
    join lateral (
      select * from scheduler_private.exceptions y where y.event_id = e.id offset 0) x on true
    where coalesce(e.bytes_before, 0) <= r.bytes
    order by e.scheduled_instant, e.id`,
};
