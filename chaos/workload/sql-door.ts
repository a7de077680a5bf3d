import pg from 'pg';
import type { EventVersion } from '../history.ts';
import { type Door, OK, type Outcome, timeOf } from './door.ts';

/** Connection lost, shut down, out of resources, broken: whether it took effect is not known. */
const UNKNOWN = /^(08|53|57|58|XX)/;

const INPUT = `row($1, $2, null, $3, $4, null, null, null, null, null, null, $5, $6)::scheduler.event_input`;

/** @param url DSN of a login role that may schedule; its server may be away at any time */
export function sqlDoor(url: string): Door {
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // What a broken connection was doing says so itself; an idle one is replaced.
  pool.on('error', () => undefined);
  const call = async (sql: string, values: unknown[]): Promise<Outcome> => {
    try {
      await pool.query(sql, values);
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

function values(id: string, { instant, topic, key, payload, headers }: EventVersion): unknown[] {
  return [id, timeOf(instant), Buffer.from(payload, 'base64'), topic, key, headers];
}
