import type pg from 'pg';
import type { ExpandedSeries, MarkedSeries } from './expansion/marked-series.ts';
import { LaneConnection } from './lane-connection.ts';

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
  /** whether series of the lane are to be expanded; null: a database that knows no series (version 2) */
  readonly expansions: boolean | null;
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
  expansions?: boolean;
}

interface MarkedRow extends Omit<MarkedSeries, 'createdAt' | 'now'> {
  created_at_seconds: number;
  now_seconds: number;
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

/**
 * What a relay says to Postgres about one lane that it owns. Every call presents the fence and throws
 * `FenceLostError` when it is old; `ConnectionGoneError` when the connection is not the one that
 * `connect` opened.
 */
export class LaneDatabase {
  readonly #connection: LaneConnection;
  readonly #lane: number;
  readonly #fence: string;

  /**
   * @param url DSN of the login role scheduler_relay
   * @param fence as acquired; a bigint, hence a string
   */
  constructor(url: string, lane: number, fence: string) {
    this.#connection = new LaneConnection(url, lane);
    this.#lane = lane;
    this.#fence = fence;
  }

  /** Opens a connection if there is none: recovery begins with it, nothing else does. */
  connect(): Promise<void> {
    return this.#connection.connect();
  }

  /**
   * What the database's clock shows, ms since the epoch; never too early.
   * @param instant as `performance.now()` counts, default now
   */
  clock(instant?: number): number {
    return this.#connection.clock(instant);
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
    const expansions = first?.expansions ?? null;
    if (!first?.batch_id) {
      return { batch: null, dueIn: first?.due_in ?? null, expansions };
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
      expansions,
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

  /** Series that are marked for expansion, the most urgent first. */
  async seriesToExpand(limit: number): Promise<MarkedSeries[]> {
    const rows = await this.#call<MarkedRow>('series_to_expand', [limit]);
    return rows.map(({ created_at_seconds, now_seconds, ...row }) => ({
      ...row,
      createdAt: created_at_seconds,
      now: now_seconds,
    }));
  }

  /**
   * Stores what series were expanded to, but of those that have changed since they were read.
   * @param tzVersion of the time zone database that it comes from
   * @returns of how many
   */
  async storeOccurrences(expanded: readonly ExpandedSeries[], tzVersion: string): Promise<number> {
    return this.#scalar('store_occurrences', [JSON.stringify(expanded), tzVersion]);
  }

  /** Marks series that an older time zone database expanded. @returns how many */
  async markOutdatedSeries(tzVersion: string, limit: number): Promise<number> {
    return this.#scalar('mark_outdated_series', [tzVersion, limit]);
  }

  async quarantine(reason: string): Promise<void> {
    await this.#call('quarantine_lane', [reason]);
  }

  /** @param ledger what its ledger in Kafka is good for from now on */
  async setLedger(ledger: 'seeded' | 'reseed'): Promise<void> {
    await this.#call('set_ledger', [ledger]);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #scalar<T>(name: string, values: unknown[]): Promise<T> {
    const [row] = await this.#call<Record<string, T>>(name, values);
    return row?.[name] as T;
  }

  #call<Row extends pg.QueryResultRow>(name: string, values: unknown[]): Promise<Row[]> {
    return this.#connection.call<Row>(name, [this.#lane, this.#fence, ...values]);
  }
}
