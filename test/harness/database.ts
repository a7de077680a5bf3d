import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../db/migrate.ts';

export interface TestDatabase {
  /** DSN of its DBA */
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * A database of its own, set up from scratch, on the Postgres of `TEST_DATABASE_URL`.
 * @throws whatever Postgres refuses
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:54399/postgres';
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = name;
  await migrate({ databaseUrl: url.toString(), say: () => undefined });
  return { url: url.toString(), drop: () => run(server, `drop database ${name} with (force)`) };
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
