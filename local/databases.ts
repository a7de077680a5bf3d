import type pg from 'pg';
import { withClient } from '../db/connect.ts';
import { waitFor } from './wait.ts';

/** How to reach a Postgres of ours as its superuser, `postgres`. */
export interface PostgresAddress {
  /** `host:port` */
  readonly host: string;
  readonly password: string;
}

/** DSN of the superuser. */
export function urlOf({ host, password }: PostgresAddress, database = 'scheduler'): string {
  return `postgres://postgres:${encodeURIComponent(password)}@${host}/${database}`;
}

/**
 * Waits until a server of ours answers, then creates what is missing: the database `scheduler`, the
 * one of pg_cron, and pg_cron's extension in that.
 * @returns whether the server must be restarted first, because it was started for another database
 *   of pg_cron; then the extension is not created
 */
export async function prepareDatabases(
  address: PostgresAddress,
  cronDatabase: string,
): Promise<{ restart: boolean }> {
  await untilPostgresAnswers(urlOf(address, 'postgres'), 60_000);
  const restart = await withClient(urlOf(address, 'postgres'), async (client) => {
    for (const name of new Set(['scheduler', cronDatabase])) await createDatabase(client, name);
    const { rows } = await client.query<{ name: string }>(
      `select current_setting('cron.database_name') as name`,
    );
    return rows[0]?.name !== cronDatabase;
  });
  if (!restart) {
    await withClient(urlOf(address, cronDatabase), (client) =>
      client.query('create extension if not exists pg_cron'),
    );
  }
  return { restart };
}

/**
 * Waits until a database takes a connection and a query.
 * @param limitMs milliseconds
 * @throws Error after that, its cause what the last attempt said
 */
export async function untilPostgresAnswers(url: string, limitMs: number): Promise<void> {
  await waitFor(`Postgres on ${new URL(url).host} answers`, limitMs, () =>
    withClient(url, async (client) => (await client.query('select 1')).rowCount === 1),
  );
}

async function createDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
}
