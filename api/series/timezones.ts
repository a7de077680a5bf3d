import type { Pool } from 'pg';
import { RecurrenceError, Zones } from '../../recurrence/index.ts';
import { ProblemError } from '../errors.ts';

/** The time zones that may be used, which set-up may add to while this program runs. */
export class Timezones {
  readonly #read: () => Promise<readonly string[]>;
  readonly #zones: Zones;
  #names: ReadonlySet<string> | null;

  /** @param names null: all that Node knows */
  private constructor(read: () => Promise<readonly string[]>, names: readonly string[] | null) {
    this.#read = read;
    this.#names = names && new Set(names);
    this.#zones = new Zones((name) => this.#names?.has(name) ?? true);
  }

  /** @throws whatever the database refuses */
  static async load(pool: Pool): Promise<Timezones> {
    const read = () => readNames(pool);
    return new Timezones(read, await read());
  }

  /** Those that Node knows: for a database that does not tell its own. */
  static ofNode(): Timezones {
    return new Timezones(async () => [], null);
  }

  /**
   * Makes something of the zones; when it does not know one, once more after the names were read again.
   * All share these zones, because each remembers its offsets.
   */
  async use<Result>(make: (zones: Zones) => Result): Promise<Result> {
    try {
      return make(this.#zones);
    } catch (error) {
      if (isUnknownTimezone(error) && (await this.#refresh())) {
        return make(this.#zones);
      }
      throw error;
    }
  }

  async #refresh(): Promise<boolean> {
    if (!this.#names) {
      return false;
    }
    const before = this.#names.size;
    this.#names = new Set(await this.#read());
    return this.#names.size > before;
  }
}

function isUnknownTimezone(error: unknown): boolean {
  return (
    (error instanceof RecurrenceError && error.code === 'unknown_timezone') ||
    (error instanceof ProblemError && error.problem.code === 'invalid_timezone')
  );
}

async function readNames(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>({
    name: 'timezones',
    text: 'select name from scheduler_private.timezones',
  });
  return rows.map(({ name }) => name);
}
