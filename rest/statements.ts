import type { Statement } from '../api/database.ts';

/**
 * Each is one statement, so that a request is one transaction and one round trip. The caller's
 * settings are made in a materialized `request`, which everything else depends on laterally: Postgres
 * cannot run the rest first.
 */
const request = (fields: string) => `
  with request as materialized (
    select set_config('scheduler.identity', $1, true), set_config('scheduler.identity_role', $2, true),
      ${fields}
  )`;

const columns = `
  e.id, e.scheduled_at as "scheduledAt", e.scheduled_instant as "scheduledInstant", e.timezone,
  e.payload, e.destination_topic as "destinationTopic", e.ends_at as "endsAt", e.gap, e.overlap,
  e.max_lateness as "maxLateness", e.key, e.headers, e.status, e.retry,
  e.last_error as "lastError", e.owner, e.created_at as "createdAt", e.updated_at as "updatedAt",
  e.published_at as "publishedAt", e.next_at as "nextAt"`;

/** The fields of event_input from parameter $n on, in the order of `inputValues`. */
const input = (n: number) => `
  $${n}::text as id, $${n + 1}::text as scheduled_at, $${n + 2}::text as timezone,
  $${n + 3}::bytea as payload, $${n + 4}::text as destination_topic, $${n + 5}::text as ends_at,
  $${n + 6}::text as recurrence, $${n + 7}::text as gap, $${n + 8}::text as overlap,
  $${n + 9}::text as missed, $${n + 10}::text as max_lateness, $${n + 11}::text as key,
  $${n + 12}::jsonb as headers`;

/** Creates an event; `created` is false when the same creation was there already. */
export const scheduleEvent: Statement = {
  name: 'schedule_event',
  text: `${request(input(3))}
    select ${columns}, e.created_at = now() as created
    from request r cross join lateral scheduler.schedule_event(
      r.scheduled_at, r.payload, r.destination_topic, r.timezone, r.id, r.ends_at, r.recurrence,
      r.gap, r.overlap, r.missed, r.max_lateness, r.key, r.headers) e`,
};

/** $3 the id of the path, $4 the status that the event should have, from $5 on the event. */
export const replaceEvent: Statement = {
  name: 'replace_event',
  text: `${request(`$3::text as path_id, $4::text as status, ${input(5)}`)}
    select ${columns}
    from request r cross join lateral scheduler.replace_event(
      r.path_id,
      row(r.id, r.scheduled_at, r.timezone, r.payload, r.destination_topic, r.ends_at, r.recurrence,
        r.gap, r.overlap, r.missed, r.max_lateness, r.key, r.headers)::scheduler.event_input,
      r.status) e`,
};

export const cancelEvent: Statement = {
  name: 'cancel_event',
  text: `${request('$3::text as id')}
    select ${columns} from request r cross join lateral scheduler.cancel_event(r.id) e`,
};

// From the view, not by scheduler.event(): a composite result would fetch the payload for nothing.
export const readEvent: Statement = {
  name: 'read_event',
  text: `${request('$3::text as id')}
    select ${columns} from request r cross join lateral (
      select * from scheduler.events v where v.id = lower(r.id) offset 0) e`,
};

export const readStatus: Statement = {
  name: 'read_status',
  text: `${request('$3::text as id')}
    select e.id, e.status from request r cross join lateral (
      select v.id, v.status from scheduler.events v where v.id = lower(r.id) offset 0) e`,
};
