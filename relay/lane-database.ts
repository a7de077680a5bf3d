import pg from 'pg';
import { BatchOpenError, FenceLostError, LaneQuarantinedError } from './lane-errors.ts';

export type DeliveryMode = 'exactly_once' | 'at_least_once';

export interface LaneState {
  readonly lastConfirmed: string;
  readonly ledger: 'unseeded' | 'seeded' | 'reseed';
  readonly quarantineReason: string | null;
  readonly openBatch: {
    readonly id: string;
    readonly size: number;
    readonly mode: DeliveryMode;
  } | null;
  /** of the next batches */
  readonly deliveryMode: DeliveryMode;
}

export interface ClaimedEvent {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Record<string, string>;
  readonly payload: Buffer;
  /** RFC 3339, UTC */
  readonly scheduledAt: string;
  /** header `ce_source`, unless its own headers give one */
  readonly ceSource: string;
}

export interface Claim {
  /** null: nothing is due */
  readonly batch: {
    readonly id: string;
    readonly mode: DeliveryMode;
    readonly events: ClaimedEvent[];
  } | null;
  /**
   * Seconds until the lane's next instant, by the database's clock when it answered: of the batch
   * the latest, otherwise the next; null when nothing waits.
   */
  readonly dueIn: number | null;
}

export interface RejectedEvent {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

interface ClaimRow {
  batch_id: string | null;
  delivery_mode: DeliveryMode;
  event_id: string;
  destination_topic: string;
  key: string | null;
  headers: Record<string, string>;
  payload: Buffer;
  scheduled_at: string;
  ce_source: string;
  due_in: number | null;
}

interface LaneRow {
  last_confirmed: string;
  ledger: LaneState['ledger'];
  quarantine_reason: string | null;
  batch_id: string | null;
  batch_events: number;
  batch_delivery_mode: DeliveryMode;
  delivery_mode: DeliveryMode;
}

/** ms of silence after which the system asks whether the other side is still there; by default two hours */
export const KEEP_ALIVE = 10_000;

/**
 * What a relay says to Postgres about one lane that it owns, on a connection of its own, so that a
 * confirm that waits for a stranger's row lock holds nothing but its lane. Every call presents the
 * fence and throws `FenceLostError` when it is old. After any other error than ours the connection
 * is closed and the next call opens a new one.
 */
export class LaneDatabase {
  readonly #url: string;
  readonly #lane: number;
  readonly #fence: string;
  #client: pg.Client | null = null;

  /**
   * @param url DSN of the login role scheduler_relay
   * @param fence as acquired; a bigint, hence a string
   */
  constructor(url: string, lane: number, fence: string) {
    this.#url = url;
    this.#lane = lane;
    this.#fence = fence;
  }

  /** The lane and its open batch as they are now. */
  async read(): Promise<LaneState> {
    const [row] = await this.#call<LaneRow>('read_lane', []);
    if (!row) {
      throw new Error(`lane ${this.#lane} or the deployment's row is gone`);
    }
    return {
      lastConfirmed: row.last_confirmed,
      ledger: row.ledger,
      quarantineReason: row.quarantine_reason,
      openBatch: row.batch_id
        ? { id: row.batch_id, size: row.batch_events, mode: row.batch_delivery_mode }
        : null,
      deliveryMode: row.delivery_mode,
    };
  }

  /**
   * Opens a batch of what is due.
   * @throws BatchOpenError, LaneQuarantinedError
   */
  async claim(limit: number): Promise<Claim> {
    const rows = await this.#call<ClaimRow>('claim', [limit]);
    const [first] = rows;
    const last = rows.at(-1);
    if (!first?.batch_id) {
      return { batch: null, dueIn: first?.due_in ?? null };
    }
    const events = rows.map((row) => ({
      id: row.event_id,
      topic: row.destination_topic,
      key: row.key,
      headers: row.headers,
      payload: row.payload,
      scheduledAt: row.scheduled_at,
      ceSource: row.ce_source,
    }));
    return {
      batch: { id: first.batch_id, mode: first.delivery_mode, events },
      dueIn: last?.due_in ?? null,
    };
  }

  /** @returns false when it is not the open batch any more */
  async confirm(batchId: string): Promise<boolean> {
    return this.#scalar<boolean>('confirm', [batchId]);
  }

  /** @returns false when it is not the open batch any more */
  async discard(batchId: string): Promise<boolean> {
    return this.#scalar<boolean>('discard', [batchId]);
  }

  /** @returns id under which the rest of the batch goes on; null when nothing is left of it */
  async reject(batchId: string, rejected: readonly RejectedEvent[]): Promise<string | null> {
    return this.#scalar<string | null>('reject', [
      batchId,
      rejected.map((event) => event.id),
      rejected.map((event) => event.code),
      rejected.map((event) => event.message),
    ]);
  }

  /** @returns id under which the first `keep` events go on; null when it is not the open batch */
  async narrow(batchId: string, keep: number): Promise<string | null> {
    return this.#scalar<string | null>('narrow', [batchId, keep]);
  }

  async quarantine(reason: string): Promise<void> {
    await this.#call('quarantine_lane', [reason]);
  }

  /** @param ledger what its ledger in Kafka is good for from now on */
  async setLedger(ledger: 'seeded' | 'reseed'): Promise<void> {
    await this.#call('set_ledger', [ledger]);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  async #scalar<T>(name: string, values: unknown[]): Promise<T> {
    const [row] = await this.#call<Record<string, T>>(name, values);
    return row?.[name] as T;
  }

  async #call<Row extends pg.QueryResultRow>(name: string, values: unknown[]): Promise<Row[]> {
    const parameters = [this.#lane, this.#fence, ...values];
    const places = parameters.map((_, index) => `$${index + 1}`).join(', ');
    const client = await this.#connect();
    try {
      const { rows } = await client.query<Row>({
        name,
        text: `select * from scheduler_private.${name}(${places})`,
        values: parameters,
      });
      return rows;
    } catch (error) {
      throw await this.#translate(error);
    }
  }

  async #connect(): Promise<pg.Client> {
    if (this.#client) {
      return this.#client;
    }
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: `scheduler relay lane ${this.#lane}`,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE,
    });
    // A broken idle connection says so here; the next call opens another.
    client.on('error', () => {
      if (this.#client === client) this.#client = null;
    });
    await client.connect();
    this.#client = client;
    return client;
  }

  async #translate(error: unknown): Promise<unknown> {
    if (error instanceof pg.DatabaseError) {
      if (error.code === 'SC060') return new FenceLostError(this.#lane);
      if (error.code === 'SC061') return new BatchOpenError(this.#lane);
      if (error.code === 'SC062') {
        return new LaneQuarantinedError(this.#lane, error.detail ?? error.message);
      }
    }
    const client = this.#client;
    this.#client = null;
    // The connection may be gone or stuck: ending it is not waited for.
    client?.end().catch(() => undefined);
    return error;
  }
}
