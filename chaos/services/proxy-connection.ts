import type { Socket } from 'node:net';
import { Pipe, type Rules } from './proxy-pipe.ts';

/** One client's connection through a proxy: two sockets, and a pipe in each direction. */
export class Connection {
  readonly #sockets: readonly [client: Socket, server: Socket];
  readonly #pipes: readonly [Pipe, Pipe];

  /** @param onClosed called when both sockets are closed */
  constructor(client: Socket, server: Socket, rules: Rules, onClosed: () => void) {
    this.#sockets = [client, server];
    const toServer = new Pipe(client, server, 'to-server', rules);
    const toClient = new Pipe(server, client, 'to-client', rules);
    this.#pipes = [toServer, toClient];
    for (const [from, pipe] of [
      [client, toServer],
      [server, toClient],
    ] as const) {
      // What it means is told by `close`, which follows.
      from.on('error', () => undefined);
      from.on('close', (broken) => {
        if (this.#sockets.every((socket) => socket.closed)) onClosed();
        // One that breaks off takes the other with it, unless that gets lost, too.
        else if ((broken || !pipe.hasEnded) && !pipe.lose()) this.reset();
      });
    }
  }

  /** Breaks it off: both sides get a reset. */
  reset(): void {
    for (const socket of this.#sockets) {
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
    for (const pipe of this.#pipes) pipe.close();
  }

  /** Goes on undisturbed, if nothing has been lost. */
  heal(): void {
    if (this.#pipes.some((pipe) => pipe.hasLost)) this.reset();
    else for (const pipe of this.#pipes) pipe.hurry();
  }
}
