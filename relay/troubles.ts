import type { Logger } from 'pino';
import { describeTrouble, isConfiguration } from './kafka/errors.ts';

/** Who is in trouble: a lane, or the relay itself before it has any. */
type Who = number | 'start';

/**
 * What Kafka refuses this relay until a person mends it: kept up to date in Postgres, where health,
 * operators and DBAs look.
 */
export class Troubles {
  readonly #report: (trouble: string | null) => Promise<void>;
  readonly #log: Logger;
  readonly #of = new Map<Who, string>();
  /** what Postgres knows; undefined: it could not be told */
  #reported: string | null | undefined = null;
  #reporting = Promise.resolve();

  /** @param report stores what there is now; null: nothing */
  constructor(report: (trouble: string | null) => Promise<void>, log: Logger) {
    this.#report = report;
    this.#log = log;
  }

  /** @param trouble null: none any more */
  of(who: Who, trouble: string | null): void {
    if (trouble === null) this.#of.delete(who);
    else this.#of.set(who, trouble);
    const now = this.now();
    if (this.#reported !== undefined && now !== this.#reported) this.#store(now);
  }

  /** Does what a start needs of Kafka, and says, once, what is refused. */
  async watch<T>(start: () => Promise<T>): Promise<T> {
    try {
      const result = await start();
      this.of('start', null);
      return result;
    } catch (error) {
      if (isConfiguration(error)) {
        const trouble = describeTrouble(error);
        if (trouble !== this.#of.get('start')) {
          this.#log.error({ reason: trouble }, 'Kafka refuses this deployment');
        }
        // Again each time: nobody renews it for a relay that has not started.
        this.#of.set('start', trouble);
        this.#store(this.now());
      }
      throw error;
    }
  }

  /** Tells Postgres what it could not be told before. */
  refresh(): void {
    if (this.#reported === undefined) this.#store(this.now());
  }

  /** What there is now, for people. */
  now(): string | null {
    return [...new Set(this.#of.values())].toSorted().join('; ') || null;
  }

  #store(trouble: string | null): void {
    this.#reported = trouble;
    this.#reporting = this.#reporting
      .then(() => this.#report(trouble))
      .catch((error: unknown) => {
        this.#reported = undefined;
        this.#log.warn({ err: error, trouble }, 'trouble not reported');
      });
  }
}
