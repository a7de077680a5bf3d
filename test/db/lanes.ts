import { randomUUID } from 'node:crypto';
import { type EventFields, newEvent, type Session, schedule } from './session.ts';

/** A lane as its owner knows it. */
export interface Lane {
  readonly lane: number;
  readonly fence: string;
}

export interface Claimed {
  readonly batch_id: string | null;
  readonly delivery_mode: string | null;
  readonly event_id: string | null;
  readonly destination_topic: string | null;
  readonly key: string | null;
  readonly headers: Record<string, string> | null;
  readonly payload: Buffer | null;
  readonly scheduled_at: string | null;
  readonly due_in: number | null;
  readonly expansions: boolean;
}

export interface MarkedSeries {
  readonly id: string;
  readonly version: string;
  readonly watermark: { readonly instant: number } | null;
  readonly revisions: readonly { readonly number: number; readonly recurrence: string }[];
  readonly checked: boolean;
  readonly unsettled: readonly { readonly id: string; readonly final: boolean }[];
}

/** The instant at which the events of `dueEvent` are due. */
export const dueAt = '2098-01-01T00:00:00Z';

/** Schedules an event that falls due at `dueAt`; all of one key are in one lane. */
export function dueEvent(db: Session, fields: EventFields = {}): Promise<{ id: string }> {
  return schedule(db, newEvent({ scheduled_at: dueAt, ...fields })) as Promise<{ id: string }>;
}

/** An instant some seconds after `dueAt`. */
export function later(seconds: number): string {
  return new Date(Date.parse(dueAt) + seconds * 1_000).toISOString();
}

/** The steps of a relay, as scheduler_relay. */
export class Relay {
  readonly id = randomUUID();
  readonly #db: Session;

  constructor(db: Session) {
    this.#db = db;
  }

  /** Takes one lane if one is to be had. */
  async acquire(lease = '1 hour', now: string = dueAt): Promise<Lane | undefined> {
    const [lane] = await this.#rows<Lane>(
      'select * from scheduler_private.acquire_lane($1, $2, $3)',
      [this.id, lease, now],
    );
    return lane;
  }

  /** Takes every lane and returns the one that the event is in. */
  async laneOf(eventId: string): Promise<Lane> {
    while ((await this.acquire()) !== undefined);
    return this.#db.row<Lane>(
      `select l.lane, l.fence from scheduler_private.lanes l
       join scheduler_private.events e using (lane) where e.id = $1`,
      [eventId],
    );
  }

  /** Says that it is alive. */
  renew(lease: string, now: string): Promise<(Lane & { surplus: number })[]> {
    return this.#rows('select * from scheduler_private.renew_leases($1, $2, $3, $4)', [
      this.id,
      'test',
      lease,
      now,
    ]);
  }

  release({ lane, fence }: Lane): Promise<unknown> {
    return this.#rows('select scheduler_private.release_lane($1, $2)', [lane, fence]);
  }

  claim(
    { lane, fence }: Lane,
    { limit = 1_000, maxBytes = 8_000_000, now = dueAt } = {},
  ): Promise<Claimed[]> {
    return this.#rows('select * from scheduler_private.claim($1, $2, $3, $4, $5)', [
      lane,
      fence,
      limit,
      maxBytes,
      now,
    ]);
  }

  /** Claims what is due and returns the batch's id. */
  async batch(lane: Lane, options: { limit?: number; now?: string } = {}): Promise<string> {
    const id = (await this.claim(lane, options))[0]?.batch_id;
    if (id === undefined || id === null) throw new Error('nothing was claimed');
    return id;
  }

  confirm({ lane, fence }: Lane, batch: string, now: string = dueAt): Promise<boolean> {
    return this.#value('select scheduler_private.confirm($1, $2, $3, $4)', [
      lane,
      fence,
      batch,
      now,
    ]);
  }

  discard({ lane, fence }: Lane, batch: string): Promise<boolean> {
    return this.#value('select scheduler_private.discard($1, $2, $3)', [lane, fence, batch]);
  }

  /** Rejects events of a batch; returns the id under which the rest goes on. */
  reject(
    { lane, fence }: Lane,
    batch: string,
    events: string[],
    { code = 'unknown_topic', now = dueAt } = {},
  ): Promise<string | null> {
    return this.#value('select scheduler_private.reject($1, $2, $3, $4, $5, $6, $7)', [
      lane,
      fence,
      batch,
      events,
      events.map(() => code),
      events.map(() => 'the broker said no'),
      now,
    ]);
  }

  narrow({ lane, fence }: Lane, batch: string, keep: number): Promise<string | null> {
    return this.#value('select scheduler_private.narrow($1, $2, $3, $4, $5)', [
      lane,
      fence,
      batch,
      keep,
      dueAt,
    ]);
  }

  async read({ lane, fence }: Lane): Promise<Record<string, unknown> | undefined> {
    const rows = await this.#rows<Record<string, unknown>>(
      'select * from scheduler_private.read_lane($1, $2)',
      [lane, fence],
    );
    return rows[0];
  }

  quarantine({ lane, fence }: Lane, reason = 'the ledger is lost'): Promise<unknown> {
    return this.#rows('select scheduler_private.quarantine_lane($1, $2, $3, $4)', [
      lane,
      fence,
      reason,
      dueAt,
    ]);
  }

  setSeeded({ lane, fence }: Lane): Promise<unknown> {
    return this.#rows(`select scheduler_private.set_ledger($1, $2, 'seeded')`, [lane, fence]);
  }

  toExpand({ lane, fence }: Lane, now = dueAt): Promise<MarkedSeries[]> {
    return this.#rows('select * from scheduler_private.series_to_expand($1, $2, 50, $3)', [
      lane,
      fence,
      now,
    ]);
  }

  /** Stores what was worked out of series, as relay/expansion does. */
  storeOccurrences({ lane, fence }: Lane, expanded: unknown[], now = dueAt): Promise<number> {
    return this.#value('select scheduler_private.store_occurrences($1, $2, $3, $4, $5)', [
      lane,
      fence,
      JSON.stringify(expanded),
      '2026a',
      now,
    ]);
  }

  register(name: string, cluster: string): Promise<unknown> {
    return this.#rows('select scheduler_private.register_deployment($1, $2)', [name, cluster]);
  }

  retire(): Promise<unknown> {
    return this.#rows('select scheduler_private.retire_relay($1)', [this.id]);
  }

  #rows<Row extends object>(sql: string, values: unknown[]): Promise<Row[]> {
    return this.#db.as('scheduler_relay', () => this.#db.rows(sql, values)) as Promise<Row[]>;
  }

  #value<Value>(sql: string, values: unknown[]): Promise<Value> {
    return this.#db.as('scheduler_relay', () => this.#db.value<Value>(sql, values));
  }
}

export type Status = 'SCHEDULED' | 'PUBLISHED' | 'CANCELED' | 'FAILED';
export const statuses: readonly Status[] = ['SCHEDULED', 'PUBLISHED', 'CANCELED', 'FAILED'];

/**
 * Makes an event and brings it into a status by the functions that users and relays have.
 * @param now when it becomes final
 */
export async function eventIn(
  db: Session,
  status: Status,
  { now = dueAt, fields = {} }: { now?: string; fields?: EventFields } = {},
): Promise<string> {
  const { id } = await dueEvent(db, { scheduled_at: now, ...fields });
  if (status === 'SCHEDULED') return id;
  if (status === 'CANCELED') {
    await db.rows('select scheduler.cancel_event($1)', [id]);
    return id;
  }
  const relay = new Relay(db);
  const lane = await relay.laneOf(id);
  if (status === 'PUBLISHED') {
    await relay.confirm(lane, await relay.batch(lane, { now }), now);
  }
  for (let attempt = 1; status === 'FAILED' && attempt <= 3; attempt++) {
    const at = new Date(Date.parse(now) + attempt * 86_400_000).toISOString();
    await relay.reject(lane, await relay.batch(lane, { now: at }), [id], { now: at });
  }
  await relay.release(lane);
  return id;
}

/** What some work gives for each, one after the other: a connection does one thing at a time. */
export async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

/** All that is stored of an event, to be compared. */
export function stored(db: Session, id: string): Promise<unknown> {
  return db.value(
    `select jsonb_build_array(to_jsonb(e),
       (select to_jsonb(c) from scheduler_private.event_contents c where c.event_id = e.id),
       (select jsonb_agg(a order by a.attempt) from scheduler_private.attempts a where a.event_id = e.id))
     from scheduler_private.events e where e.id = $1`,
    [id],
  );
}
