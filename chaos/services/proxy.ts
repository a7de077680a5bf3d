import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Connection } from './proxy-connection.ts';
import type { Direction, Rules } from './proxy-pipe.ts';

export type { Direction };

/**
 * A TCP proxy on 127.0.0.1 that can disturb what passes. Without a disturbance it passes on bytes,
 * half-closes and resets. Disturbances add up until `heal`.
 */
export interface TcpProxy {
  /** to be used in place of the server's */
  readonly port: number;
  /** Resets all connections, and every new one at once, until it is healed. */
  cut(): void;
  /** Resets all connections that are open now; new ones are welcome. */
  cutOnce(): void;
  /**
   * From now on bytes of a direction, of present and new connections, arrive later; their order stays.
   * At most a megabyte of each connection is on its way: more than that is not taken from the sender.
   * @param ms how much later; 0: not
   */
  delay(direction: Direction, ms: number): void;
  /**
   * From now on bytes of a direction, of present and new connections, are read and dropped, and that
   * the sender closes is not passed on, either: `to-client`, requests arrive and their answers are
   * lost; `to-server`, the reverse.
   */
  swallow(direction: Direction): void;
  /**
   * Undoes everything. Connections that have lost something are reset: they cannot go on with a gap.
   * What is delayed arrives now.
   */
  heal(): void;
  /** Resets all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * @param target port of the server, on 127.0.0.1; it may be away at any time
 * @param port to listen on; default any that is free
 * @throws Error when that is taken
 */
export async function startProxy(target: number, port = 0): Promise<TcpProxy> {
  const rules: Rules = {
    refuses: false,
    delay: { 'to-server': 0, 'to-client': 0 },
    swallowed: new Set(),
  };
  const open = new Set<Connection>();
  // Half-closed connections stay half open, as without a proxy.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (rules.refuses) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    const upstream = connect({
      port: target,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    const connection = new Connection(client, upstream, rules, () => open.delete(connection));
    open.add(connection);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cutOnce = () => {
    for (const connection of [...open]) connection.reset();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      rules.refuses = true;
      cutOnce();
    },
    cutOnce,
    delay: (direction, ms) => {
      rules.delay[direction] = ms;
    },
    swallow: (direction) => {
      rules.swallowed.add(direction);
    },
    heal: () => {
      rules.refuses = false;
      rules.delay = { 'to-server': 0, 'to-client': 0 };
      rules.swallowed.clear();
      for (const connection of [...open]) connection.heal();
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      rules.refuses = true;
      cutOnce();
      await closed;
    },
  };
}
