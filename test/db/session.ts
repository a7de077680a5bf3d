import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { test as base } from 'vitest';
import { testDatabase } from '../harness/database.ts';

/** What Postgres says when it refuses a statement. */
export interface Refusal {
  readonly sqlstate: string | undefined;
  /** constraint name: for errors of ours the code of error_codes */
  readonly code: string | undefined;
  /** column name: for errors of ours the field at fault */
  readonly field: string | undefined;
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
}

/** One connection. */
export class Session {
  readonly client: pg.Client;

  constructor(client: pg.Client) {
    this.client = client;
  }

  async rows<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    return (await this.client.query<Row>(sql, values)).rows;
  }

  /** The one row of a statement. */
  async row<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    values: unknown[] = [],
  ): Promise<Row> {
    const rows = await this.rows<Row>(sql, values);
    const [row] = rows;
    if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows of: ${sql}`);
    return row;
  }

  /** The one value of a statement. */
  async value<Value>(sql: string, values: unknown[] = []): Promise<Value> {
    return Object.values(await this.row(sql, values))[0] as Value;
  }

  /** How a statement is refused. In a transaction both its failure and what it did are undone. */
  refusal(sql: string, values: unknown[] = []): Promise<Refusal> {
    return this.refusalOf(() => this.client.query(sql, values));
  }

  /** How some work on this connection is refused. */
  async refusalOf(work: () => Promise<unknown>): Promise<Refusal> {
    const inTransaction = this.client.getTransactionStatus() === 'T';
    if (inTransaction) await this.client.query('savepoint before_refusal');
    try {
      await work();
    } catch (error) {
      return asRefusal(error);
    } finally {
      if (inTransaction) await this.client.query('rollback to before_refusal');
    }
    throw new Error('was not refused');
  }

  /** Some work as another login role: what a session of its own would see and may do. */
  async as<T>(role: string, work: () => Promise<T>): Promise<T> {
    const inTransaction = this.client.getTransactionStatus() === 'T';
    const reset = () => this.client.query('set session authorization default');
    await this.client.query(`set session authorization ${pg.escapeIdentifier(role)}`);
    try {
      const result = await work();
      await reset();
      return result;
    } catch (error) {
      // A transaction has failed; its rollback resets it.
      if (!inTransaction) await reset();
      throw error;
    }
  }

  /** Some work as the API does it for an identity; undefined: for nobody. In a transaction only. */
  actingAs<T>(identity: string | undefined, role: string, work: () => Promise<T>): Promise<T> {
    return this.as('scheduler_api', async () => {
      await this.client.query(
        `select set_config('scheduler.identity', $1, true), set_config('scheduler.identity_role', $2, true)`,
        [identity ?? '', role],
      );
      return work();
    });
  }
}

/** @throws what is no error of Postgres */
function asRefusal(error: unknown): Refusal {
  if (!(error instanceof pg.DatabaseError)) throw error;
  const { code: sqlstate, constraint: code, column: field, message, detail, hint } = error;
  return { sqlstate, code, field, message, detail, hint };
}

export async function connect(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the query in flight or the next one throws it
  await client.connect();
  return new Session(client);
}

/**
 * `database`, `dba`: one for the file, and a DBA's connection to it. `db`: that connection in a
 * transaction that is rolled back, so that a test finds nothing but its own rows. `open`: more
 * connections, the DBA's unless a DSN says otherwise.
 */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures it needs
  .extend('database', { scope: 'file' }, async ({}, { onCleanup }) => {
    const database = await testDatabase();
    onCleanup(() => database.drop());
    return database;
  })
  .extend('dba', { scope: 'file' }, async ({ database }, { onCleanup }) => {
    const session = await connect(database.url);
    onCleanup(() => session.client.end());
    return session;
  })
  .extend('db', async ({ dba }, { onCleanup }) => {
    await dba.client.query('begin');
    onCleanup(async () => {
      await dba.client.query('rollback');
    });
    return dba;
  })
  .extend('open', async ({ database }, { onCleanup }) => {
    const sessions: Session[] = [];
    onCleanup(async () => {
      for (const { client } of sessions) await client.end();
    });
    return async (url: string = database.url) => {
      const session = await connect(url);
      sessions.push(session);
      return session;
    };
  });

/** The fields of schedule_event. */
export type EventFields = Record<string, unknown>;

/** A creation that is legal, far from being due, with an id of its own. */
export function newEvent(fields: EventFields = {}): EventFields & { id: string } {
  return {
    id: randomUUID(),
    scheduled_at: '2099-01-01T00:00:00Z',
    payload: Buffer.from('hello'),
    destination_topic: 'a-topic',
    ...fields,
  };
}

/** `schedule_event` with its arguments by name, ready for a query. */
export function creation(fields: EventFields): [sql: string, values: unknown[]] {
  const names = Object.keys(fields).map((name, i) => `${name} => $${i + 1}`);
  return [`select * from scheduler.schedule_event(${names.join(', ')})`, Object.values(fields)];
}

/** Schedules an event and returns it as the view shows it. */
export function schedule(db: Session, fields: EventFields = {}): Promise<pg.QueryResultRow> {
  return db.row(...creation(newEvent(fields)));
}

const inputFields = [
  'id',
  'scheduled_at',
  'timezone',
  'payload',
  'destination_topic',
  'ends_at',
  'recurrence',
  'gap',
  'overlap',
  'missed',
  'max_lateness',
  'key',
  'headers',
];

/** Events as an event_input[] expression with its values, for `schedule_events` and `replace_event`. */
export function inputs(events: EventFields[], first = 1): [sql: string, values: unknown[]] {
  const values: unknown[] = [];
  const rows = events.map((event) => {
    const places = inputFields.map((field) => {
      values.push(event[field] ?? null);
      return `$${values.length + first - 1}`;
    });
    return `row(${places.join(', ')})::scheduler.event_input`;
  });
  return [`array[${rows.join(', ')}]::scheduler.event_input[]`, values];
}

/** `schedule_events`, ready for a query. */
export function batch(events: EventFields[]): [sql: string, values: unknown[]] {
  const [sql, values] = inputs(events);
  return [`select * from scheduler.schedule_events(${sql})`, values];
}

/** `replace_event`, ready for a query. */
export function replacement(
  id: string,
  fields: EventFields,
  status: string | null = null,
): [sql: string, values: unknown[]] {
  const [sql, values] = inputs([{ ...newEvent(), id: null, ...fields }], 3);
  return [`select * from scheduler.replace_event($1, (${sql})[1], $2)`, [id, status, ...values]];
}
