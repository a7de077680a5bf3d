import pg from 'pg';
import type { Logger } from 'pino';
import { schemaVersion } from '../db/schema-version.ts';
import type { ErrorCode } from './errors.ts';
import type { Caller } from './identity/caller.ts';

/** A prepared statement. Its first two parameters are the caller's identity and role. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A pool of connections, or one of them in a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/**
 * A pool of connections as the login role of the API. Timestamps arrive as RFC 3339 text in UTC
 * with all their microseconds.
 * @param url DSN of scheduler_api
 * @param connections at most
 * @param log told of connections that break while idle
 */
export function createPool(url: string, connections: number, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'scheduler api',
    max: connections,
    keepAlive: true,
    types: timestampsAsText(),
    // What SQL and the parsers below rely on, whatever the role's or the database's defaults are.
    options:
      '-c timezone=UTC -c datestyle=ISO -c bytea_output=hex -c default_transaction_isolation=read\\ committed',
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 5_000,
    lock_timeout: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    // For a network that swallows packets, after the server itself should have given up.
    query_timeout: 35_000,
  });
  const lost = (error: Error) => log.warn({ err: error }, 'database connection lost');
  pool.on('error', lost);
  // While checked out a client has no listener of the pool's, and its error event would end the process.
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

/**
 * Runs one statement as a caller, in a round trip of its own; from a pool it is a transaction, too.
 * @returns the rows
 * @throws whatever the database refuses
 */
export async function runAs<Row extends pg.QueryResultRow>(
  pool: Queryable,
  caller: Caller,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await pool.query<Row>({
    ...statement,
    values: [caller.identity, caller.role, ...values],
  });
  return rows;
}

/**
 * Does several statements in one transaction.
 * @throws whatever `work` throws, after a rollback
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let isBroken = true;
  try {
    await client.query('begin');
    try {
      const result = await work(client);
      await client.query('commit');
      isBroken = false;
      return result;
    } catch (error) {
      await client.query('rollback');
      isBroken = false;
      throw error;
    }
  } finally {
    // A connection that could not end its transaction is not used again.
    client.release(isBroken);
  }
}

/** Reads the list of error codes. */
export async function readErrorCodes(pool: pg.Pool): Promise<ErrorCode[]> {
  const { rows } = await pool.query<ErrorCode>(
    `select code, sqlstate, http_status as "httpStatus", title, hint
     from scheduler_private.error_codes`,
  );
  return rows;
}

/** Whether this program works with a schema of this version: its own and the one before. */
export function isUsable(version: number): boolean {
  return version === schemaVersion || version === schemaVersion - 1;
}

/**
 * @returns the version of the schema
 * @throws Error that says what to do when the database is not set up, or by another version
 */
export async function checkSchemaVersion(pool: pg.Pool): Promise<number> {
  const usable = `this program works with versions ${schemaVersion - 1} and ${schemaVersion}`;
  const version = await readSchemaVersion(pool).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && NOT_SET_UP.includes(error.code ?? '')) {
      throw new Error(`The database has no scheduler schema: run its set-up first (${usable}).`, {
        cause: error,
      });
    }
    throw error;
  });
  if (!isUsable(version)) {
    const remedy =
      version < schemaVersion
        ? 'run the set-up of this release against it first'
        : 'start a newer release of this program';
    throw new Error(`The database has schema version ${version}; ${usable}: ${remedy}.`);
  }
  return version;
}

async function readSchemaVersion(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ version: number }>(
    'select scheduler.schema_version() as version',
  );
  return rows[0]?.version ?? 0;
}

/** invalid_schema_name, undefined_function, insufficient_privilege on the schema */
const NOT_SET_UP = ['3F000', '42883', '42501'];

function timestampsAsText(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, 'text', toRfc3339);
  return types;
}

/**
 * `2025-04-15 01:00:00.5+00`, as Postgres writes it with DateStyle ISO and time zone UTC, in RFC 3339.
 * @throws Error when it is not in UTC
 */
function toRfc3339(text: string): string {
  if (!text.endsWith('+00')) {
    throw new Error(`timestamp ${text} is not in UTC`);
  }
  return `${text.slice(0, -3).replace(' ', 'T')}Z`;
}
