import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { query, withDatabase } from '../../db/connect.ts';
import { roleUrl } from '../../db/roles.ts';

export { query, withDatabase };

export interface TestDatabase {
  /** DSN of its DBA */
  readonly url: string;
  /** DSN of the login role scheduler_api */
  readonly apiUrl: string;
  /** DSN of the login role scheduler_relay */
  readonly relayUrl: string;
  drop(): Promise<void>;
}

/**
 * A database of its own, set up and empty.
 * @throws whatever Postgres refuses
 */
export async function testDatabase(): Promise<TestDatabase> {
  const template = inject('templateUrl');
  const server = withDatabase(template, 'postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name} template ${new URL(template).pathname.slice(1)}`);
  const url = withDatabase(template, name);
  return {
    url,
    apiUrl: roleUrl(url, 'scheduler_api'),
    relayUrl: roleUrl(url, 'scheduler_relay'),
    drop: async () => {
      await query(server, `drop database ${name} with (force)`);
    },
  };
}

/**
 * A pool whose database is dropped after its end: `end` does not wait for the server, whose last words about
 * that are nobody's business. Before it, a connection that is lost is an error.
 */
export function openPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  const lost = (error: Error) => {
    if (!pool.ending) throw error;
  };
  // A client has listeners of its own only while it is checked out, the pool's while it is idle.
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}
