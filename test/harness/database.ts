import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { roleUrl } from '../../db/roles.ts';

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

/** The same server, another database. */
export function withDatabase(dsn: string, name: string): string {
  const url = new URL(dsn);
  url.pathname = name;
  return url.toString();
}

/** One statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(sql, values);
    return rows;
  } finally {
    await client.end();
  }
}
