import { DatabaseSync } from 'node:sqlite';

/** Days that ids are remembered: as long as the scheduler keeps events by default. */
const KEPT_DAYS = 30;

/** Remembers in a file which events have been dealt with. */
export class Seen {
  readonly #database: DatabaseSync;

  /** @param file SQLite; `synchronous = full`, so that what was remembered survives a loss of power */
  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      create table if not exists seen (id text primary key, seen_at text not null default current_timestamp)
        without rowid;
      create index if not exists seen_by_age on seen (seen_at)`);
  }

  has(id: string): boolean {
    return this.#database.prepare('select 1 from seen where id = ?').get(id) !== undefined;
  }

  /** Remembers an id, and forgets those that are too old. */
  add(id: string): void {
    this.#database.prepare('insert or ignore into seen (id) values (?)').run(id);
    this.#database
      .prepare(`delete from seen where seen_at < datetime('now', ?)`)
      .run(`-${KEPT_DAYS} days`);
  }

  close(): void {
    this.#database.close();
  }
}
