import { type Queryable, runAs } from '../database.ts';
import type { ErrorCatalogue } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import type { EventRow } from './event-row.ts';
import { type Asked, Gathering } from './gathering.ts';
import { type GivenEvent, inputValues, toRecord } from './given-event.ts';
import type { EventStatements } from './statements.ts';

const MOST_EVENTS = 100;
/** of payloads */
const MOST_BYTES = 1_000_000;

/** `created` is false when the same creation was there already. */
export type CreatedRow = EventRow & { readonly created: boolean };

type Creation = Asked<GivenEvent, CreatedRow>;

/** Stores single events; those of one caller that come together in one statement and one commit. */
export class Creations {
  readonly #pool: Queryable;
  readonly #statements: EventStatements;
  readonly #errors: ErrorCatalogue;
  readonly #gathering: Gathering<GivenEvent, CreatedRow>;

  constructor(pool: Queryable, statements: EventStatements, errors: ErrorCatalogue) {
    this.#pool = pool;
    this.#statements = statements;
    this.#errors = errors;
    this.#gathering = new Gathering(countOf, (caller, creations) =>
      this.#storeTogether(caller, creations),
    );
  }

  /**
   * Stores one.
   * @throws whatever the database refuses of this one
   */
  store(caller: Caller, given: GivenEvent): Promise<CreatedRow> {
    return this.#gathering.ask(caller, given);
  }

  /** Never rejects. */
  async #storeTogether(caller: Caller, creations: readonly Creation[]): Promise<void> {
    if (creations.length > 1) {
      const records = JSON.stringify(creations.map(({ given }) => toRecord(given)));
      try {
        const { scheduleMany } = this.#statements;
        const rows = await runAs<CreatedRow>(this.#pool, caller, scheduleMany, [records]);
        for (const [index, { resolve }] of creations.entries()) resolve(rows[index] as CreatedRow);
        return;
      } catch (error) {
        if (this.#errors.translate(error).problem.status >= 500) {
          // Perhaps it was committed: to repeat it would create again what has no id of its own.
          for (const { reject } of creations) reject(error);
          return;
        }
      }
    }
    // One of them was refused, and so all: which one it was shows by itself.
    await Promise.all(creations.map((creation) => this.#storeAlone(caller, creation)));
  }

  async #storeAlone(caller: Caller, { given, resolve, reject }: Creation): Promise<void> {
    try {
      const { schedule } = this.#statements;
      const [row] = await runAs<CreatedRow>(this.#pool, caller, schedule, inputValues(given));
      if (!row) throw new Error('scheduler.schedule_event returned nothing');
      resolve(row);
    } catch (error) {
      reject(error);
    }
  }
}

/** The first, and as many more as one statement may carry. */
function countOf(waiting: readonly Creation[]): number {
  let bytes = 0;
  const count = waiting.slice(0, MOST_EVENTS).findIndex(({ given }, index) => {
    bytes += given.payload.length;
    return index > 0 && bytes > MOST_BYTES;
  });
  return count === -1 ? MOST_EVENTS : count;
}
