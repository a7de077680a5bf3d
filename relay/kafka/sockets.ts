import { connect as connectTcp, isIP, Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

interface SocketArgs {
  readonly host: string;
  readonly port: number;
  readonly onConnect: () => void;
}

/** Why a socket that we cut ourselves ended. */
export const LINK_CLOSED = 'link closed by its owner';

/** The sockets of one link: kafkajs opens them through here, so that they can be cut for good. */
export class Sockets {
  readonly #open = new Set<Socket>();
  readonly #tls: (() => ConnectionOptions) | undefined;
  #cut = false;

  /** @param tls asked at each new connection; without it there is no TLS */
  constructor(tls?: () => ConnectionOptions) {
    this.#tls = tls;
  }

  /** As kafkajs's own socket factory, without Nagle's delay. Refuses once the link is cut. */
  open({ host, port, onConnect }: SocketArgs): Socket {
    if (this.#cut) throw new Error(LINK_CLOSED);
    const socket = this.#tls
      ? openTls(this.#tls, { host, port }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  /**
   * Cuts all sockets at once; what is in flight is rejected, and nothing connects again. (kafkajs's
   * `disconnect` waits for what is in flight, which takes the whole request timeout when a broker
   * hangs; after a timeout it leaves the socket open, PR 1783; and whatever is sent later on a
   * closed connection opens a new one.)
   */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) {
      // With an error, for kafkajs hears of no other way that a socket goes.
      socket.destroy(Object.assign(new Error(LINK_CLOSED), { code: 'ECONNABORTED' }));
    }
  }
}

/** Files that are gone, or do not fit together, are an error of the connection, as a refusal is. */
function openTls(
  tls: () => ConnectionOptions,
  { host, port }: Pick<SocketArgs, 'host' | 'port'>,
  onConnect: () => void,
): Socket {
  const servername = isIP(host) ? {} : { servername: host };
  try {
    return connectTls({ host, port, ...servername, ...tls() }, onConnect);
  } catch (error) {
    const failed = new Error(`TLS files: ${(error as Error).message}`, { cause: error });
    return new Socket().destroy(Object.assign(failed, { code: 'ERR_TLS_FILES' }));
  }
}
