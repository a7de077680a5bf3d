import pg from 'pg';

/**
 * Uses a connection of its own.
 * @throws whatever Postgres refuses
 */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // the query in flight or the next one throws it
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** One statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(sql, values)).rows);
}

/** The same server, another database. */
export function withDatabase(dsn: string, name: string): string {
  const url = new URL(dsn);
  url.pathname = name;
  return url.toString();
}
