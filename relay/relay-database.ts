import pg from 'pg';
import { KEEP_ALIVE } from './lane-connection.ts';

export interface OwnedLane {
  readonly lane: number;
  /** a bigint, hence a string */
  readonly fence: string;
}

export interface Renewal {
  readonly owned: OwnedLane[];
  /** how many of them to give up, so that every relay has its fair share */
  readonly surplus: number;
}

/** What a relay as a whole says to Postgres: that it is alive, and which lanes it wants. */
export class RelayDatabase {
  readonly #pool: pg.Pool;
  readonly #relayId: string;
  readonly #lease: string;

  /**
   * @param url DSN of the login role scheduler_relay
   * @param relayId UUID of this process
   * @param lease seconds
   */
  constructor(url: string, relayId: string, lease: number, onError: (error: Error) => void) {
    this.#relayId = relayId;
    this.#lease = `${lease} seconds`;
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: 'scheduler relay',
      max: 1,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE,
    });
    this.#pool.on('error', onError);
  }

  /** @throws when the schema is not one that this program works with */
  async requireSchema(version: number): Promise<void> {
    const { rows } = await this.#pool.query<{ version: number }>(
      'select scheduler.schema_version() as version',
    );
    const found = rows[0]?.version ?? 0;
    if (found !== version && found !== version - 1) {
      throw new Error(
        `the database has schema version ${found}, this program works with ${version}: run "npm run db:migrate"`,
      );
    }
  }

  /** @throws DatabaseError SC063 when the database belongs to another deployment or cluster */
  async register(deployment: string, kafkaClusterId: string): Promise<void> {
    await this.#pool.query('select scheduler_private.register_deployment($1, $2)', [
      deployment,
      kafkaClusterId,
    ]);
  }

  /** @param label host and process id, for people */
  async renew(label: string): Promise<Renewal> {
    const { rows } = await this.#pool.query<OwnedLane & { surplus: number }>(
      'select lane, fence, surplus from scheduler_private.renew_leases($1, $2, $3)',
      [this.#relayId, label, this.#lease],
    );
    return { owned: rows, surplus: rows[0]?.surplus ?? 0 };
  }

  /**
   * Says what Kafka refuses, for people; before the relay has started, too.
   * @param trouble null: nothing any more
   */
  async reportTrouble(label: string, trouble: string | null): Promise<void> {
    await this.#pool.query('select scheduler_private.report_trouble($1, $2, $3)', [
      this.#relayId,
      label,
      trouble,
    ]);
  }

  /** @returns null when there is none to have */
  async acquire(): Promise<OwnedLane | null> {
    const { rows } = await this.#pool.query<OwnedLane>(
      'select lane, fence from scheduler_private.acquire_lane($1, $2)',
      [this.#relayId, this.#lease],
    );
    return rows[0] ?? null;
  }

  async release({ lane, fence }: OwnedLane): Promise<void> {
    await this.#pool.query('select scheduler_private.release_lane($1, $2)', [lane, fence]);
  }

  /** Gives every lane up at once. */
  async retire(): Promise<void> {
    await this.#pool.query('select scheduler_private.retire_relay($1)', [this.#relayId]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
