import pg from 'pg';
import type { EventVersion } from '../history.ts';
import { recurrenceOf } from '../series.ts';
import { type Door, OK, type Outcome, timeOf, wallTimeOf } from './door.ts';

/** Connection lost, shut down, out of resources, broken: whether it took effect is not known. */
const UNKNOWN = /^(08|53|57|58|XX)/;

const INPUT =
  'row($1, $2, $7, $3, $4, null, $8, null, null, null, null, $5, $6)::scheduler.event_input';

/**
 * @param url DSN of a login role that may schedule; its server may be away at any time
 * @param hold ms for which a transaction stays open after its call, its locks held; 0: none is opened
 */
export function sqlDoor(url: string, hold = 0): Door {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // What a broken connection was doing says so itself; an idle one is replaced.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const call = async (sql: string, values: unknown[]): Promise<Outcome> => {
    try {
      await (hold > 0 ? held(pool, hold, sql, values) : pool.query(sql, values));
      return OK;
    } catch (error) {
      const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
      const refused = code !== '' && !UNKNOWN.test(code);
      return { outcome: refused ? 'refused' : 'unknown', code: code || null };
    }
  };
  return {
    name: 'sql',
    create: (id, version) =>
      call(`select from scheduler.schedule_events(array[${INPUT}])`, values(id, version)),
    replace: (id, version) =>
      call(`select from scheduler.replace_event($1, ${INPUT})`, values(id, version)),
    cancel: (id) => call('select from scheduler.cancel_event($1)', [id]),
    close: () => pool.end(),
  };
}

async function held(pool: pg.Pool, hold: number, sql: string, values: unknown[]): Promise<void> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    await client.query(sql, values);
    await client.query('select pg_sleep($1)', [hold / 1000]);
    await client.query('commit');
    failed = false;
  } finally {
    client.release(failed);
  }
}

function values(
  id: string,
  { instant, topic, key, payload, headers, rule }: EventVersion,
): unknown[] {
  const time = rule ? wallTimeOf(instant) : timeOf(instant);
  const recurrence = rule ? ['UTC', recurrenceOf(rule)] : [null, null];
  return [id, time, Buffer.from(payload, 'base64'), topic, key, headers, ...recurrence];
}
