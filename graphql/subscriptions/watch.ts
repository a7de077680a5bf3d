import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type Listener, listen } from '../../runtime/listener.ts';

export interface WatchOptions {
  /** DSN of scheduler_api, for the one connection that listens */
  readonly url: string;
  readonly pool: Pool;
  /** Looks at what has changed. What it throws is logged, and it is called again. */
  readonly look: () => Promise<void>;
  readonly log: Logger;
}

/**
 * Milliseconds after which it looks whether or not something was notified, and says again that somebody
 * watches: a third of the lease that `watch_changes` gives.
 */
const POLL = 5_000;
/** Milliseconds between two looks at least, however much is notified. */
const LEAST_PAUSE = 50;
/** A look that takes long is followed by a pause so many times as long: looking never takes more than a tenth. */
const REST = 9;

/**
 * Calls `look` soon after events changed, as long as somebody watches. It has one connection that listens,
 * from the first watcher on.
 */
export class Watch {
  readonly #options: WatchOptions;
  #listener: Listener | null = null;
  #timer: NodeJS.Timeout | null = null;
  #watchers = 0;
  #isDue = false;
  #looking: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** From the moment that it resolves on nothing is missed, until `leave`. */
  async join(): Promise<void> {
    this.#watchers += 1;
    try {
      this.#listener ??= listen({
        url: this.#options.url,
        applicationName: 'scheduler api listener',
        channel: 'scheduler_changes',
        onNotification: () => this.#wake(),
        onConnected: () => this.#wake(),
        log: this.#options.log,
      });
      this.#timer ??= setInterval(() => this.#poll(), POLL).unref();
      await this.#announce();
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    this.#watchers -= 1;
    if (this.#watchers === 0 && this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
    await this.#listener?.close();
  }

  #poll(): void {
    this.#announce().catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'changes are looked for every few seconds only'),
    );
    this.#wake();
  }

  async #announce(): Promise<void> {
    await this.#options.pool.query('select scheduler_private.watch_changes()');
  }

  #wake(): void {
    this.#isDue = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
  }

  async #look(): Promise<void> {
    while (this.#isDue && this.#watchers > 0 && !this.#isClosed) {
      this.#isDue = false;
      const begin = performance.now();
      await this.#options.look().catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'changes could not be looked for');
      });
      const pause = Math.max((performance.now() - begin) * REST, LEAST_PAUSE);
      await sleep(pause, undefined, { ref: false });
    }
  }
}
