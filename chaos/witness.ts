import { withClient } from '../db/connect.ts';
import type { AuditEntry, FinalLane, FinalRow } from './history.ts';

/** What the database says at the end of a round. */
export interface Testimony {
  readonly rows: FinalRow[];
  readonly audit: AuditEntry[];
  readonly lanes: FinalLane[];
}

const ROWS = `
  select e.id, e.status, e.retry, e.last_error as "lastError", e.destination_topic as topic, s.recurrence,
    c.key, translate(encode(c.payload, 'base64'), e'\\n', '') as payload, coalesce(c.headers, '{}') as headers,
    (extract(epoch from e.scheduled_instant) * 1000)::float8 as instant,
    (extract(epoch from e.published_at) * 1000)::float8 as "publishedAt",
    coalesce((select json_agg(json_build_object(
        'at', (extract(epoch from a.attempted_at) * 1000)::float8, 'code', a.code) order by a.attempt)
      from scheduler_private.attempts a where a.event_id = e.id), '[]') as attempts
  from scheduler_private.events e left join scheduler_private.event_contents c on c.event_id = e.id
  left join scheduler_private.series s on s.event_id = e.id`;

const AUDIT = `
  select id, (extract(epoch from at) * 1000)::float8 as at,
    case when status_before is not null
      then json_build_object('status', status_before, 'retry', retry_before) end as before,
    case when status_after is not null
      then json_build_object('status', status_after, 'retry', retry_after) end as after
  from chaos.audit order by number`;

const LANES = `
  select lane, quarantine_reason as "quarantineReason", batch_id as "openBatch"
  from scheduler.lanes order by lane`;

/** @param url DSN of the DBA */
export async function testimonyOf(url: string): Promise<Testimony> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<FinalRow>(ROWS);
    const audit = await client.query<AuditEntry>(AUDIT);
    const lanes = await client.query<FinalLane>(LANES);
    return {
      rows,
      audit: audit.rows,
      lanes: lanes.rows,
    };
  });
}
