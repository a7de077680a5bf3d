import { type Queryable, runAs } from '../database.ts';
import type { Caller } from '../identity/caller.ts';
import type { EventRow } from './event-row.ts';
import { type Asked, Gathering } from './gathering.ts';
import type { EventStatements } from './statements.ts';

const MOST_IDS = 100;

export type StatusRow = Pick<EventRow, 'id' | 'status'>;

type Question = Asked<string, StatusRow | null>;

/** Reads where events and series stand; what one caller asks together in one statement. */
export class Statuses {
  readonly #pool: Queryable;
  readonly #statements: EventStatements;
  readonly #gathering: Gathering<string, StatusRow | null>;

  constructor(pool: Queryable, statements: EventStatements) {
    this.#pool = pool;
    this.#statements = statements;
    this.#gathering = new Gathering(
      () => MOST_IDS,
      (caller, questions) => this.#readTogether(caller, questions),
    );
  }

  /**
   * Reads one.
   * @param id in its canonical spelling
   * @returns null: there is none that the caller may see
   */
  read(caller: Caller, id: string): Promise<StatusRow | null> {
    return this.#gathering.ask(caller, id);
  }

  /** Never rejects. */
  async #readTogether(caller: Caller, questions: readonly Question[]): Promise<void> {
    try {
      const ids = questions.map(({ given }) => given);
      const { readStatuses } = this.#statements;
      const rows = await runAs<StatusRow>(this.#pool, caller, readStatuses, [ids]);
      const found = new Map(rows.map((row) => [row.id, row]));
      for (const { given, resolve } of questions) resolve(found.get(given) ?? null);
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }
}
