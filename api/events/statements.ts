import type { Statement } from '../database.ts';

/**
 * Each is one statement, so that a request is one transaction and one round trip. The caller's
 * settings are made in a materialized `request`, which everything else depends on laterally: Postgres
 * cannot run the rest first.
 */
export const request = (fields: string) => `
  with request as materialized (
    select set_config('scheduler.identity', $1, true), set_config('scheduler.identity_role', $2, true),
      ${fields}
  )`;

/** An EventRow of a row `e` of scheduler.events, but for `occurrence`, which SQL cannot tell. */
export const columns = (ofSeries: string) => `
  e.id, e.scheduled_at as "scheduledAt", e.scheduled_instant as "scheduledInstant", e.timezone,
  e.payload, e.destination_topic as "destinationTopic", e.ends_at as "endsAt", e.gap, e.overlap,
  e.max_lateness as "maxLateness", e.key, e.headers, e.status, e.retry,
  e.last_error as "lastError", e.owner, e.created_at as "createdAt", e.updated_at as "updatedAt",
  e.published_at as "publishedAt", e.next_at as "nextAt", null::integer as occurrence, ${ofSeries}`;

/** Version of the schema from which on events may recur. */
export const FIRST_VERSION_WITH_SERIES = 3;

/** What that version added. */
export const seriesColumns = 'e.recurrence, e.missed, e.recurrence_id as "recurrenceId"';
const noSeriesColumns =
  'null::text as recurrence, null::text as missed, null::text as "recurrenceId"';

/** The fields of event_input from parameter $n on, in the order of `InputValues`. */
export const input = (n: number) => `
  $${n}::text as id, $${n + 1}::text as scheduled_at, $${n + 2}::text as timezone,
  $${n + 3}::bytea as payload, $${n + 4}::text as destination_topic, $${n + 5}::text as ends_at,
  $${n + 6}::text as recurrence, $${n + 7}::text as gap, $${n + 8}::text as overlap,
  $${n + 9}::text as missed, $${n + 10}::text as max_lateness, $${n + 11}::text as key,
  $${n + 12}::jsonb as headers`;

export const eventInput = `
  row(r.id, r.scheduled_at, r.timezone, r.payload, r.destination_topic, r.ends_at, r.recurrence,
    r.gap, r.overlap, r.missed, r.max_lateness, r.key, r.headers)::scheduler.event_input`;

/** What `toRecord` wrote, in `events` of a request q: one text is read faster than an array for each field. */
export const eventInputs = `
  array(
    select ${eventInput}
    from (
      select g.id, g."scheduledAt" as scheduled_at, g.timezone, decode(g.payload, 'base64') as payload,
        g."destinationTopic" as destination_topic, g."endsAt" as ends_at, g.recurrence, g.gap,
        g.overlap, g.missed, g."maxLateness" as max_lateness, g.key, g.headers
      from json_to_recordset(q.events) as g (id text, "scheduledAt" text, timezone text,
        payload text, "destinationTopic" text, "endsAt" text, recurrence text, gap text,
        overlap text, missed text, "maxLateness" text, key text, headers jsonb)
    ) r)`;

export interface EventStatements {
  /** Creates an event; `created` is false when the same creation was there already. */
  readonly schedule: Statement;
  /** $3 a JSON array of `toRecord`. Creates them all or none; rows in their order, as of `schedule`. */
  readonly scheduleMany: Statement;
  /** $3 the id of the path, $4 the status that the event should have, from $5 on the event. */
  readonly replace: Statement;
  /** $3 the id. */
  readonly cancel: Statement;
  /** $3 the id. */
  readonly read: Statement;
  /** $3 ids; a row for each of which there is an event that the caller may see. */
  readonly readStatuses: Statement;
}

/** The statements for a schema version. */
export function statementsFor(version: number): EventStatements {
  const row = columns(version >= FIRST_VERSION_WITH_SERIES ? seriesColumns : noSeriesColumns);
  return {
    schedule: {
      name: 'schedule_event',
      text: `${request(input(3))}
        select ${row}, e.created_at = now() as created
        from request r cross join lateral scheduler.schedule_event(
          r.scheduled_at, r.payload, r.destination_topic, r.timezone, r.id, r.ends_at, r.recurrence,
          r.gap, r.overlap, r.missed, r.max_lateness, r.key, r.headers) e`,
    },
    scheduleMany: {
      name: 'schedule_events',
      text: `${request('$3::json as events')}
        select ${row}, e.created_at = now() as created
        from request q cross join lateral scheduler.schedule_events(${eventInputs}) e`,
    },
    replace: {
      name: 'replace_event',
      text: `${request(`$3::text as path_id, $4::text as status, ${input(5)}`)}
        select ${row}
        from request r cross join lateral scheduler.replace_event(
          r.path_id, ${eventInput}, r.status) e`,
    },
    cancel: {
      name: 'cancel_event',
      text: `${request('$3::text as id')}
        select ${row} from request r cross join lateral scheduler.cancel_event(r.id) e`,
    },
    // From the view, not by scheduler.event(): a composite result would fetch the payload for nothing.
    read: {
      name: 'read_event',
      text: `${request('$3::text as id')}
        select ${row} from request r cross join lateral (
          select * from scheduler.events v where v.id = r.id offset 0) e`,
    },
    // One by one: how many rows a list finds is guessed when it is planned, and the plan is kept.
    readStatuses: {
      name: 'read_statuses',
      text: `${request('$3::text[] as ids')}
        select e.id, e.status from request r
        cross join lateral unnest(r.ids) as k (id)
        cross join lateral (
          select v.id, v.status from scheduler.events v where v.id = k.id offset 0) e`,
    },
  };
}
