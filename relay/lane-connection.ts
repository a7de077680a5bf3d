import pg from 'pg';
import {
  BatchOpenError,
  ConnectionGoneError,
  FenceLostError,
  LaneQuarantinedError,
} from './lane-errors.ts';

/** ms of silence after which the system asks whether the other side is still there; by default two hours */
export const KEEP_ALIVE = 10_000;

/** A row of an answer, with what the clock showed when the call arrived. */
type Timed = pg.QueryResultRow & { database_now: number };

/**
 * A lane's own connection to Postgres, so that a confirm that waits for a stranger's row lock holds
 * nothing but its lane. After any other error than ours it is closed.
 *
 * Only `connect`, with which recovery begins, opens one. A fence proves that no other relay has had
 * the lane since, not that this is the database that gave it: restored from an older copy, or failed
 * over to a standby that lagged behind, it shows the same fence and events that are published already.
 */
export class LaneConnection {
  readonly #url: string;
  readonly #lane: number;
  #client: pg.Client | null = null;
  /** what the database's clock showed at an instant, both ms */
  #clock: { readonly shown: number; readonly at: number } | null = null;

  /** @param url DSN of the login role scheduler_relay */
  constructor(url: string, lane: number) {
    this.#url = url;
    this.#lane = lane;
  }

  /**
   * Opens a connection if there is none. From then on every call is on that one, or throws
   * `ConnectionGoneError`.
   */
  async connect(): Promise<void> {
    if (this.#client) return;
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: `scheduler relay lane ${this.#lane}`,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE,
    });
    // A connection that breaks while idle says so here.
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    await client.connect();
    this.#client = client;
    this.#clock = null;
  }

  /**
   * Calls a function of scheduler_private.
   * @throws FenceLostError, BatchOpenError, LaneQuarantinedError, ConnectionGoneError, errors of Postgres
   */
  async call<Row extends pg.QueryResultRow>(name: string, values: unknown[]): Promise<Row[]> {
    const client = this.#client;
    if (!client) throw new ConnectionGoneError(this.#lane);
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    const at = performance.now();
    try {
      const { rows } = await client.query<Row & Timed>({
        name,
        text: `select *, extract(epoch from now())::float8 * 1000 as database_now
          from scheduler_private.${name}(${places})`,
        values,
      });
      const [first] = rows;
      if (first) this.#clock = { shown: first.database_now, at };
      return rows;
    } catch (error) {
      throw this.#translate(error, client);
    }
  }

  /**
   * What the database's clock shows at an instant, ms since the epoch. Counted from when the last
   * call was sent, so it is never too early, and too late by at most the time that the call took.
   * @param instant as `performance.now()` counts, default now
   * @throws ConnectionGoneError when it has not been asked on this connection
   */
  clock(instant: number = performance.now()): number {
    if (!this.#clock) throw new ConnectionGoneError(this.#lane);
    return this.#clock.shown + (instant - this.#clock.at);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  #translate(error: unknown, client: pg.Client): unknown {
    if (error instanceof pg.DatabaseError) {
      if (error.code === 'SC060') return new FenceLostError(this.#lane);
      if (error.code === 'SC061') return new BatchOpenError(this.#lane);
      if (error.code === 'SC062') {
        return new LaneQuarantinedError(this.#lane, error.detail ?? error.message);
      }
    }
    if (this.#client === client) this.#client = null;
    // The connection may be gone or stuck: ending it is not waited for.
    client.end().catch(() => undefined);
    return error;
  }
}
