import pgListen from 'pg-listen';
import type { Logger } from 'pino';

export interface ListenerOptions {
  /** DSN of a login role; a direct one, no transaction pooler */
  readonly url: string;
  readonly applicationName: string;
  readonly channel: string;
  /** anybody may notify: it is a hint only */
  readonly onNotification: (payload: string) => void;
  /** what was notified before may have been lost */
  readonly onConnected: () => void;
  readonly log: Logger;
}

export interface Listener {
  close(): Promise<void>;
}

/** Milliseconds of silence after which TCP asks whether the other side is still there. */
const KEEP_ALIVE = 10_000;

/**
 * Listens for hints until it is closed. A database that is away is tried for ever: meanwhile those who wait
 * for hints look by themselves.
 */
export function listen(options: ListenerOptions): Listener {
  const { url, applicationName, channel, onNotification, onConnected, log } = options;
  const subscriber = pgListen.default(
    {
      connectionString: url,
      application_name: applicationName,
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
    Promise.resolve(subscriber.listenTo(channel)).then(onConnected, (error: unknown) =>
      log.warn({ err: error }, 'not listening'),
    );
  });
  subscriber.notifications.on(channel, (payload) => onNotification(String(payload)));
  // It goes on trying by itself when this fails.
  subscriber.connect().catch((error: unknown) => log.warn({ err: error }, 'not listening yet'));
  return { close: () => subscriber.close() };
}
