import type { EventStatus } from '../api/events/event-status.ts';
import { toChunks } from './chunks.ts';
import { SchedulerError, toError } from './errors.ts';
import type { SchedulableEvent } from './event.ts';
import { readPages, toQuery } from './pages.ts';
import { pause } from './repetition.ts';
import { type Answer, type CallOptions, Transport, type TransportOptions } from './transport.ts';
import type {
  BatchResult,
  EventFilter,
  InstanceFilter,
  Preview,
  PreviewRequest,
  Readiness,
  ScheduledEvent,
  SchedulerEvent,
} from './types.ts';

export interface ChangeOptions extends CallOptions {
  /**
   * an event as this client gave it: 412 (`precondition_failed`) when it is another now, be it by an
   * attempt of this very call whose answer was lost
   */
  readonly ifUnchangedSince?: SchedulerEvent | undefined;
}

export interface BatchOptions extends CallOptions {
  /** most events of a batch; default and most 10,000 */
  readonly batchSize?: number | undefined;
}

export interface WaitOptions extends CallOptions {
  /** ms between two looks; default 500 */
  readonly interval?: number | undefined;
}

const FINAL: readonly EventStatus[] = ['PUBLISHED', 'CANCELED', 'FAILED'];

/**
 * The REST API of an Event Scheduler. Every call repeats itself while there is no answer, or one that
 * says to come again (429, 502 to 504, 409 `in_flight` and `busy`), until its timeout; ids make that
 * safe. It throws SchedulerError, or the reason of the signal that ended it.
 */
export class SchedulerClient {
  readonly #transport: Transport;
  /** ETags of the events that were given out */
  readonly #tags = new WeakMap<SchedulerEvent, string>();

  /** @throws TypeError when baseUrl is no URL */
  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
  }

  /**
   * Schedules an event, unless it is known already with the same content.
   * @throws TypeError when it has no id: repeated, it would be scheduled twice
   */
  async schedule(event: SchedulableEvent, options?: CallOptions): Promise<ScheduledEvent> {
    requireId(event);
    const request = { method: 'POST', path: '/events', body: event } as const;
    const answer = await this.#transport.send<SchedulerEvent & Pick<ScheduledEvent, 'warnings'>>(
      request,
      options,
    );
    const { warnings = [], ...scheduled } = answer.body;
    const remembered = this.#remember({ ...answer, body: scheduled });
    return { event: remembered, created: answer.status === 201, warnings };
  }

  /**
   * Schedules events in one transaction: all, or none. Those that are known already with the same
   * content pass.
   * @param events at most 10,000, and 16 MiB; each with an id
   * @returns a result for each, in their order
   */
  async scheduleBatch(
    events: readonly SchedulableEvent[],
    options?: CallOptions,
  ): Promise<BatchResult[]> {
    for (const event of events) requireId(event);
    const request = { method: 'POST', path: '/events/batch', body: events } as const;
    return (await this.#transport.send<BatchResult[]>(request, options)).body;
  }

  /**
   * Schedules any number of events in as many batches as that takes, one after the other. When one is
   * refused (the error's field names the event: `[12345].timezone`) those before it are stored; as ids
   * stay the same, all can be scheduled again.
   * @returns a result for each, in their order
   */
  async scheduleAll(
    events: Iterable<SchedulableEvent> | AsyncIterable<SchedulableEvent>,
    options: BatchOptions = {},
  ): Promise<BatchResult[]> {
    const results: BatchResult[] = [];
    for await (const chunk of toChunks(events, options.batchSize)) {
      try {
        results.push(...(await this.scheduleBatch(chunk, options)));
      } catch (error) {
        throw error instanceof SchedulerError ? moveField(error, results.length) : error;
      }
    }
    return results;
  }

  /** An event, a series or an instance. */
  async event(id: string, options?: CallOptions): Promise<SchedulerEvent> {
    return this.#remember(await this.#ask('GET', pathOf(id), undefined, options));
  }

  async eventStatusById(id: string, options?: CallOptions): Promise<EventStatus> {
    const request = { method: 'GET', path: `${pathOf(id)}/status` } as const;
    return (await this.#transport.send<{ status: EventStatus }>(request, options)).body.status;
  }

  /**
   * Looks at an event until it has one of some statuses.
   * @param statuses default: any final one
   * @param options timeout of the whole wait; default: none
   * @returns the status it has
   * @throws SchedulerError `other_status` when it is final with another, `timed_out`
   */
  async waitForStatus(
    id: string,
    statuses: EventStatus | readonly EventStatus[] = FINAL,
    { timeout = Number.POSITIVE_INFINITY, signal, interval = 500 }: WaitOptions = {},
  ): Promise<EventStatus> {
    const wanted = [statuses].flat();
    const end = performance.now() + timeout;
    for (;;) {
      const status = await this.eventStatusById(id, { signal });
      if (wanted.includes(status)) return status;
      if (FINAL.includes(status)) throw notReached('other_status', `${id} is ${status}`);
      if (performance.now() + interval > end) {
        throw notReached('timed_out', `${id} is still ${status}`);
      }
      await pause(interval, signal);
    }
  }

  /** Replaces an event, a series or an instance by one with the same id. */
  async replace(
    event: SchedulerEvent | SchedulableEvent,
    options?: ChangeOptions,
  ): Promise<SchedulerEvent> {
    return this.#remember(await this.#ask('PUT', pathOf(event.id), event, options));
  }

  /** Cancels an event, a series or an instance. */
  async cancel(id: string, options?: ChangeOptions): Promise<SchedulerEvent> {
    return this.#remember(await this.#ask('PATCH', `${pathOf(id)}/cancel`, undefined, options));
  }

  /** Every event that passes a filter, once, in no particular order; pages are fetched as needed. */
  list(
    filter: EventFilter = {},
    options: CallOptions = {},
  ): AsyncGenerator<SchedulerEvent, void, undefined> {
    return readPages(this.#transport, '/events', toQuery(filter), options);
  }

  /** The instances of a series by their time; of an endless one without `to` they never end. */
  instances(
    id: string,
    filter: InstanceFilter = {},
    options: CallOptions = {},
  ): AsyncGenerator<SchedulerEvent, void, undefined> {
    return readPages(this.#transport, `${pathOf(id)}/instances`, toQuery(filter), options);
  }

  /** What a recurrence means; nothing is stored. */
  async preview(recurrence: PreviewRequest, options?: CallOptions): Promise<Preview> {
    const request = { method: 'POST', path: '/recurrence/preview', body: recurrence } as const;
    return (await this.#transport.send<Preview>(request, options)).body;
  }

  /** Whether the API can serve requests, and which lanes stand still. */
  async ready(options?: CallOptions): Promise<Readiness> {
    const request = { method: 'GET', path: '/health/ready' } as const;
    return (await this.#transport.send<Readiness>(request, options)).body;
  }

  #ask(
    method: 'GET' | 'PUT' | 'PATCH',
    path: string,
    body: unknown,
    options: ChangeOptions = {},
  ): Promise<Answer<SchedulerEvent>> {
    const { ifUnchangedSince: known } = options;
    const tag = known && this.#tags.get(known);
    if (known && tag === undefined) {
      throw new TypeError('ifUnchangedSince: not an event that this client has given');
    }
    return this.#transport.send({ method, path, body, ifMatch: tag }, options);
  }

  #remember({ headers, body }: Answer<SchedulerEvent>): SchedulerEvent {
    const tag = headers.get('etag');
    if (tag !== null) this.#tags.set(body, tag);
    return body;
  }
}

function requireId({ id }: SchedulableEvent): void {
  if (!id) throw new TypeError('id: it is missing; createSchedulableEvent makes one');
}

function pathOf(id: string): string {
  return `/events/${encodeURIComponent(id)}`;
}

/** An error of a batch as one of all events: `[17]` counts from the first of the batch. */
function moveField(error: SchedulerError, by: number): SchedulerError {
  const field = error.field?.replace(/^\[(\d+)\]/, (_, index) => `[${Number(index) + by}]`);
  return field === error.field ? error : toError({ ...error, field }, error);
}

function notReached(code: string, detail: string): SchedulerError {
  return new SchedulerError({ status: null, code, title: 'The status was not reached', detail });
}
