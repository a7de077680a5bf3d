import { type Queryable, runAs } from '../database.ts';
import type { ErrorCatalogue } from '../errors.ts';
import type { Caller } from '../identity/caller.ts';
import type { EventRow } from './event-row.ts';
import { type GivenEvent, inputValues, toRecord } from './given-event.ts';
import type { EventStatements } from './statements.ts';

/** of one caller: others go on while one waits for somebody's lock */
const MOST_IN_FLIGHT = 2;
const MOST_EVENTS = 100;
/** of payloads */
const MOST_BYTES = 1_000_000;

/** `created` is false when the same creation was there already. */
export type CreatedRow = EventRow & { readonly created: boolean };

interface Creation {
  readonly given: GivenEvent;
  readonly resolve: (row: CreatedRow) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  readonly caller: Caller;
  readonly waiting: Creation[];
  inFlight: number;
}

/**
 * Stores single events. What one caller creates while earlier creations of his are being stored is stored
 * together, in one statement and one commit, which costs a fraction; nobody waits for company.
 */
export class Creations {
  readonly #pool: Queryable;
  readonly #statements: EventStatements;
  readonly #errors: ErrorCatalogue;
  readonly #queues = new Map<string, Queue>();

  constructor(pool: Queryable, statements: EventStatements, errors: ErrorCatalogue) {
    this.#pool = pool;
    this.#statements = statements;
    this.#errors = errors;
  }

  /**
   * Stores one.
   * @throws whatever the database refuses of this one
   */
  store(caller: Caller, given: GivenEvent): Promise<CreatedRow> {
    const name = JSON.stringify([caller.identity, caller.role]);
    const queue = this.#queues.get(name) ?? { caller, waiting: [], inFlight: 0 };
    this.#queues.set(name, queue);
    return new Promise((resolve, reject) => {
      queue.waiting.push({ given, resolve, reject });
      this.#advance(name, queue);
    });
  }

  #advance(name: string, queue: Queue): void {
    while (queue.inFlight < MOST_IN_FLIGHT && queue.waiting.length > 0) {
      queue.inFlight += 1;
      this.#storeTogether(queue.caller, take(queue.waiting)).finally(() => {
        queue.inFlight -= 1;
        this.#advance(name, queue);
      });
    }
    if (queue.inFlight === 0) this.#queues.delete(name);
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

/** Takes the first, and as many more as one statement may carry. */
function take(waiting: Creation[]): Creation[] {
  let bytes = 0;
  const count = waiting.slice(0, MOST_EVENTS).findIndex(({ given }, index) => {
    bytes += given.payload.length;
    return index > 0 && bytes > MOST_BYTES;
  });
  return waiting.splice(0, count === -1 ? MOST_EVENTS : count);
}
