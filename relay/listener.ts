import pgListen from 'pg-listen';
import type { Logger } from 'pino';
import { KEEP_ALIVE } from './lane-connection.ts';

export interface ListenerOptions {
  /** DSN of the login role scheduler_relay; a direct one, no transaction pooler */
  readonly url: string;
  /** a lane may have work: anybody may say so, it is a hint only */
  readonly onLane: (lane: number) => void;
  /** what was notified before may have been lost */
  readonly onConnected: () => void;
  readonly log: Logger;
}

export interface Listener {
  close(): Promise<void>;
}

const CHANNEL = 'scheduler_lanes';

/**
 * Listens for hints for as long as the process lives. A database that is away is tried for ever:
 * meanwhile the lanes look by themselves.
 */
export function listen({ url, onLane, onConnected, log }: ListenerOptions): Listener {
  const subscriber = pgListen.default(
    {
      connectionString: url,
      application_name: 'scheduler relay listener',
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE,
    },
    {
      // 0: for ever. By default it gives up after three seconds, for good (pg-listen issue 56).
      retryTimeout: 0,
      retryInterval: (attempt) => Math.min(100 * 2 ** attempt, 2_000),
      paranoidChecking: 5_000,
      parse: (payload) => payload,
    },
  );
  subscriber.events.on('error', (error) => log.warn({ err: error }, 'listening again'));
  subscriber.events.on('connected', () => {
    // Already subscribed after a reconnection; not yet after a first connection that failed.
    Promise.resolve(subscriber.listenTo(CHANNEL)).then(onConnected, (error: unknown) =>
      log.warn({ err: error }, 'not listening'),
    );
  });
  subscriber.notifications.on(CHANNEL, (payload) => onLane(Number(payload)));
  // It goes on trying by itself when this fails.
  subscriber.connect().catch((error: unknown) => log.warn({ err: error }, 'not listening yet'));
  return { close: () => subscriber.close() };
}
