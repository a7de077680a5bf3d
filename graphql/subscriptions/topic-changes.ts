import type { Pool } from 'pg';
import type { Signal } from './signal.ts';
import { Watchers } from './watchers.ts';

/** Changes of a topic that a subscriber has not been told of yet. */
export class Backlog {
  readonly signal: Signal;
  #ids = new Set<string>();
  #isComplete = true;

  constructor(signal: Signal) {
    this.signal = signal;
  }

  add(id: string): void {
    if (this.#ids.size >= LONGEST_BACKLOG) {
      this.#ids.clear();
      this.#isComplete = false;
    }
    this.#ids.add(id);
    this.signal.raise();
  }

  /** The oldest ones; complete: none was dropped before them. Null: there is nothing to tell. */
  take(most: number): { ids: string[]; complete: boolean } | null {
    const ids = [...this.#ids].slice(0, most);
    const complete = this.#isComplete;
    if (ids.length === 0 && complete) {
      return null;
    }
    for (const id of ids) this.#ids.delete(id);
    this.#isComplete = true;
    return { ids, complete };
  }
}

/** Events that a subscriber may lag behind; then he is told that he has missed some. */
const LONGEST_BACKLOG = 1_000;
/** Changes of one statement. */
const PAGE = 2_000;

interface Page {
  readonly ids: string[];
  readonly topics: string[];
  readonly changedAt: string[];
  readonly lastAt: string | null;
  readonly lastId: string | null;
  readonly lookedAt: number;
  readonly horizon: string;
}

/**
 * Tells those who watch a topic which of its events changed: one walk over the latest changes, however many
 * watch. It begins two seconds before the last one began, because transactions become visible in another order
 * than their times; what was told is not told again.
 */
export class TopicChanges {
  readonly #pool: Pool;
  readonly #backlogs = new Watchers<Backlog>();
  /** where the next walk begins; null: nobody watches */
  #horizon: string | null = null;
  /** times of the changes since the horizon, by id */
  #told = new Map<string, string>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  add(topic: string, backlog: Backlog): void {
    this.#backlogs.add(topic, backlog);
  }

  remove(topic: string, backlog: Backlog): void {
    this.#backlogs.remove(topic, backlog);
  }

  async look(): Promise<void> {
    if (this.#backlogs.names.length === 0) {
      this.#horizon = null;
      this.#told = new Map();
      return;
    }
    const told = new Map<string, string>();
    let horizon: string | null = null;
    let [at, id] = [this.#horizon, ''];
    for (;;) {
      const page = await this.#read(at, id);
      horizon ??= page.horizon;
      page.ids.forEach((changed, i) => {
        const time = page.changedAt[i] as string;
        if (this.#told.get(changed) !== time) {
          this.#tell(page.topics[i] as string, changed);
        }
        told.set(changed, time);
      });
      if (page.lookedAt < PAGE || page.lastAt === null || page.lastId === null) {
        break;
      }
      [at, id] = [page.lastAt, page.lastId];
    }
    this.#told = told;
    this.#horizon = horizon;
  }

  #tell(topic: string, id: string): void {
    for (const backlog of this.#backlogs.of(topic)) {
      backlog.add(id);
    }
  }

  async #read(at: string | null, id: string): Promise<Page> {
    const { rows } = await this.#pool.query<Page>({
      name: 'changes_after',
      text: `select ids, topics, changed_at as "changedAt", last_at as "lastAt", last_id as "lastId",
          looked_at as "lookedAt", horizon
        from scheduler_private.changes_after($1, $2, $3, $4)`,
      values: [at, id, this.#backlogs.names, PAGE],
    });
    return rows[0] as Page;
  }
}
