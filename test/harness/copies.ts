import { randomUUID } from 'node:crypto';
import { roleUrl } from '../../db/roles.ts';
import { query, type TestDatabase, withDatabase } from './database.ts';

/** A copy of the database as it is now, beside it, as a restored backup is one. */
export async function copyOf({ url }: TestDatabase): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = withDatabase(url, 'postgres');
  await withoutConnections(url, () =>
    query(server, `create database ${name} template ${nameOf(url)}`),
  );
  const copied = withDatabase(url, name);
  return {
    url: copied,
    apiUrl: roleUrl(copied, 'scheduler_api'),
    relayUrl: roleUrl(copied, 'scheduler_relay'),
    drop: async () => {
      await query(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/**
 * Puts a copy in the place of a database, which is dropped: whoever was connected finds, under the
 * same DSN, what was when the copy was made.
 */
export async function restore({ url }: TestDatabase, copy: TestDatabase): Promise<void> {
  const server = withDatabase(url, 'postgres');
  await withoutConnections(url, () =>
    query(server, `alter database ${nameOf(url)} rename to ${nameOf(url)}_old`),
  );
  // Until the next statement nobody finds a database of this name.
  await query(server, `alter database ${nameOf(copy.url)} rename to ${nameOf(url)}`);
  await query(server, `drop database ${nameOf(url)}_old with (force)`);
}

/** Does something to a database that it may be done to only while nobody is connected. */
async function withoutConnections(url: string, work: () => Promise<unknown>): Promise<void> {
  const server = withDatabase(url, 'postgres');
  const allow = (allowed: boolean) =>
    query(server, `update pg_database set datallowconn = ${allowed} where oid = $1`, [oid]);
  const [{ oid } = { oid: 0 }] = await query<{ oid: number }>(
    server,
    'select oid from pg_database where datname = $1',
    [nameOf(url)],
  );
  await allow(false);
  try {
    await query(
      server,
      'select pg_terminate_backend(pid, 10000) from pg_stat_activity where datid = $1',
      [oid],
    );
    await work();
  } finally {
    await allow(true);
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);
