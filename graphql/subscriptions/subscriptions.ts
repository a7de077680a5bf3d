import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { EventsContext } from '../../api/events/context.ts';
import type { EventRow } from '../../api/events/event-row.ts';
import { checkId, readEvent, readEvents } from '../../api/events/read-event.ts';
import type { Caller } from '../../api/identity/caller.ts';
import type { SeriesContext } from '../../api/series/context.ts';
import { EventChanges } from './event-changes.ts';
import { Signal } from './signal.ts';
import { makeStream } from './stream.ts';
import { Backlog, TopicChanges } from './topic-changes.ts';
import { Watch } from './watch.ts';

export interface SubscriptionsOptions {
  /** DSN of scheduler_api, for the one connection that listens */
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly events: EventsContext & { readonly series: SeriesContext };
  readonly log: Logger;
}

/** Changes of a topic, as far as the subscriber may see them. */
export interface EventsUpdate {
  readonly events: readonly EventRow[];
  /** false: more changed than could be told */
  readonly complete: boolean;
}

/** Subscriptions of one process; each of them is looked for at every change. */
const MOST_SUBSCRIPTIONS = 5_000;
/** Events of one message: all of them may be as large as an event can be. */
const MOST_EVENTS = 20;
/** Milliseconds between two messages of a topic. */
const LEAST_PAUSE = 20;

/**
 * What subscribers are sent. A notification says no more than that something changed: what is sent was read
 * again as the subscriber, as a query of his would have read it.
 */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #eventChanges: EventChanges;
  readonly #topicChanges: TopicChanges;
  readonly #watch: Watch;
  readonly #signals = new Set<Signal>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.#eventChanges = new EventChanges(options.pool);
    this.#topicChanges = new TopicChanges(options.pool);
    const look = async () => {
      await this.#eventChanges.look();
      await this.#topicChanges.look();
    };
    this.#watch = new Watch({ url: options.databaseUrl, ...options, look });
  }

  /**
   * An event, series or instance as it is, and again whenever it changed.
   * @throws ProblemError 400, 404 or 429
   */
  async event(caller: Caller, text: string): Promise<AsyncIterableIterator<EventRow>> {
    const { events } = this.#options;
    const id = checkId(text, events.errors);
    const signal = await this.#join();
    this.#eventChanges.add(id, signal);
    const release = () => {
      this.#eventChanges.remove(id, signal);
      this.#leave(signal);
    };
    try {
      const first = await readEvent(events, caller, id.id);
      return makeStream(this.#events(caller, first, signal), signal, caller, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * The events of a topic that change, from now on.
   * @throws ProblemError 429
   */
  async topic(caller: Caller, topic: string): Promise<AsyncIterableIterator<EventsUpdate>> {
    const signal = await this.#join();
    const backlog = new Backlog(signal);
    this.#topicChanges.add(topic, backlog);
    const release = () => {
      this.#topicChanges.remove(topic, backlog);
      this.#leave(signal);
    };
    return makeStream(this.#updates(caller, backlog), signal, caller, release);
  }

  /** Ends every subscription. */
  async close(): Promise<void> {
    for (const signal of this.#signals) signal.end();
    await this.#watch.close();
  }

  async #join(): Promise<Signal> {
    const { errors } = this.#options.events;
    if (this.#signals.size >= MOST_SUBSCRIPTIONS) {
      const detail = `This server has ${MOST_SUBSCRIPTIONS} already.`;
      throw errors.refusal('too_many_subscriptions', { detail });
    }
    const signal = new Signal();
    this.#signals.add(signal);
    try {
      await this.#watch.join();
    } catch (error) {
      this.#signals.delete(signal);
      throw error;
    }
    return signal;
  }

  #leave(signal: Signal): void {
    this.#signals.delete(signal);
    this.#watch.leave();
  }

  async *#events(caller: Caller, first: EventRow, signal: Signal): AsyncGenerator<EventRow> {
    let event: EventRow | null = first;
    let told = '';
    while (event) {
      const now = visible(event);
      if (now !== told) {
        told = now;
        yield event;
      }
      if (!(await signal.wait())) {
        return;
      }
      event = await this.#readAgain(caller, event);
    }
  }

  /** @returns the event as it is; as it was while the database is away; null: it is no more */
  async #readAgain(caller: Caller, event: EventRow): Promise<EventRow | null> {
    const { events, log } = this.#options;
    try {
      return await readEvent(events, caller, event.id);
    } catch (error) {
      if (events.errors.translate(error).problem.code === 'not_found') {
        return null;
      }
      log.warn({ err: error, event: event.id }, 'a subscriber learns of a change later');
      return event;
    }
  }

  async *#updates(caller: Caller, backlog: Backlog): AsyncGenerator<EventsUpdate> {
    const { events, log } = this.#options;
    while (await backlog.signal.wait()) {
      for (let part = backlog.take(MOST_EVENTS); part; part = backlog.take(MOST_EVENTS)) {
        const { ids, complete } = part;
        try {
          const rows = await readEvents(events.series, caller, ids);
          const seen = ids.flatMap((id) => rows.get(id) ?? []);
          if (seen.length > 0 || !complete) {
            yield { events: seen, complete };
          }
        } catch (error) {
          log.warn({ err: error }, 'a subscriber of a topic misses changes');
          yield { events: [], complete: false };
        }
        await sleep(LEAST_PAUSE, undefined, { ref: false });
      }
    }
  }
}

/** What a subscriber would see to be different; a change of the payload is one of updatedAt. */
function visible({ payload: _, ...event }: EventRow): string {
  return JSON.stringify(event);
}
