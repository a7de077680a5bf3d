import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { waitFor } from '../../../local/wait.ts';

/** A whole request of a protocol. */
export interface Request {
  readonly bytes: Buffer;
  /** null: of no interest */
  readonly name: string | null;
  /** ties its answer to it */
  readonly id: number;
}

/** An answer, or a part of one, as the client is to get it. */
interface Answer {
  readonly bytes: Buffer;
  readonly id: number;
  readonly last: boolean;
}

/** Takes the two streams of one connection apart. */
export interface Dialogue {
  requests(chunk: Buffer): Request[];
  answers(chunk: Buffer): Answer[];
  /** An old answer as one to this request; null: it was one to a different question. */
  again?(old: Exchange, request: Request): Buffer | null;
}

/** A request and its answer. */
interface Exchange {
  readonly request: Request;
  readonly answer: Buffer;
}

/** A request that is on its way for as long as the test likes. */
export interface Held {
  /** Waits until such a request has been sent. */
  sent(): Promise<void>;
  /** Cuts the connection of the sender, who cannot know what becomes of the request. */
  cut(): void;
  /** Lets the request arrive. @returns the answer, which the sender gets if he still listens */
  arrive(): Promise<Buffer>;
}

/** What the server says from now on is old. */
export interface Freeze {
  /** how often something old was answered */
  readonly times: number;
  end(): void;
}

/** A proxy that knows requests by their names and decides what becomes of them. */
export interface Interceptor {
  /** `host:port`, to be used in place of the server's */
  readonly address: string;
  /** Holds the next request of this name back. */
  hold(name: string): Held;
  /** The next request of this name arrives, its answer is lost. @returns that answer */
  loseAnswer(name: string): Promise<Buffer>;
  /** Questions of this name like the last one are answered as that was. */
  freeze(name: string): Freeze;
  close(): Promise<void>;
}

interface Trap {
  readonly name: string;
  /** takes what it waited for */
  spring(request: Request, conversation: Conversation): void;
}

interface State {
  traps: Trap[];
  /** by name of the request */
  readonly latest: Map<string, Exchange>;
  readonly frozen: Map<string, { readonly old: Exchange; times: number }>;
}

/** One connection: it outlives its client while a request of his is on its way. */
class Conversation {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #dialogue: Dialogue;
  readonly #state: State;
  /** answers that somebody waits for or remembers, by id */
  readonly #awaited = new Map<number, { parts: Buffer[]; done(answer: Buffer): void }>();
  #held = 0;

  constructor(client: Socket, server: Socket, dialogue: Dialogue, state: State) {
    this.#client = client;
    this.#server = server;
    this.#dialogue = dialogue;
    this.#state = state;
    client.on('data', (chunk) => {
      for (const request of dialogue.requests(chunk)) this.#take(request);
    });
    server.on('data', (chunk) => {
      for (const answer of dialogue.answers(chunk)) this.#bring(answer);
    });
    client.on('error', () => undefined).on('close', () => this.#endIfIdle());
    server.on('error', () => undefined).on('close', () => client.destroy());
  }

  cut(): void {
    this.#client.destroy();
  }

  end(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  /** A request is held back: the server's side stays open until it was answered. */
  hold(): void {
    this.#held += 1;
  }

  /** @param then takes the answer before the client gets it */
  pass(request: Request, then: (answer: Buffer) => void): void {
    this.#awaited.set(request.id, { parts: [], done: then });
    this.#server.write(request.bytes);
  }

  release(): void {
    this.#held -= 1;
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#client.destroyed && this.#held === 0) this.#server.destroy();
  }

  #take(request: Request): void {
    const { name } = request;
    if (name === null) {
      this.#server.write(request.bytes);
      return;
    }
    const frozen = this.#state.frozen.get(name);
    const old = frozen && this.#dialogue.again?.(frozen.old, request);
    if (frozen && old) {
      frozen.times += 1;
      this.#client.write(old);
      return;
    }
    const trap = this.#state.traps.find((one) => one.name === name);
    if (trap) {
      this.#state.traps = this.#state.traps.filter((one) => one !== trap);
      trap.spring(request, this);
      return;
    }
    this.pass(request, (answer) => this.#state.latest.set(name, { request, answer }));
  }

  #bring({ bytes, id, last }: Answer): void {
    const awaited = this.#awaited.get(id);
    awaited?.parts.push(bytes);
    if (awaited && last) {
      this.#awaited.delete(id);
      awaited.done(Buffer.concat(awaited.parts));
    }
    if (!this.#client.destroyed) this.#client.write(bytes);
  }
}

/**
 * @param server `host:port`
 * @param dialogueOn speaks the protocol, given the port of the interceptor
 */
export async function intercept(
  server: string,
  dialogueOn: (port: number) => Dialogue,
): Promise<Interceptor> {
  const { hostname, port } = new URL(`tcp://${server}`);
  const state: State = { traps: [], latest: new Map(), frozen: new Map() };
  const open = new Set<Conversation>();
  let own = 0;
  const listener = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    const conversation = new Conversation(client, upstream, dialogueOn(own), state);
    open.add(conversation);
    upstream.on('close', () => open.delete(conversation));
  });
  listener.listen(0, hostname);
  await once(listener, 'listening');
  own = (listener.address() as AddressInfo).port;
  return {
    address: `${hostname}:${own}`,
    hold: (name) => hold(state, name),
    loseAnswer: (name) =>
      new Promise((lost) => {
        const spring: Trap['spring'] = (request, conversation) => {
          conversation.pass(request, (answer) => {
            conversation.cut();
            lost(answer);
          });
        };
        state.traps.push({ name, spring });
      }),
    freeze: (name) => {
      const old = state.latest.get(name);
      if (!old) throw new Error(`nobody has asked ${name} so far`);
      const frozen = { old, times: 0 };
      state.frozen.set(name, frozen);
      return {
        get times() {
          return frozen.times;
        },
        end: () => state.frozen.delete(name),
      };
    },
    close: async () => {
      listener.close();
      for (const conversation of open) conversation.end();
      await once(listener, 'close');
    },
  };
}

function hold(state: State, name: string): Held {
  const caught = Promise.withResolvers<{ request: Request; conversation: Conversation }>();
  let conversation: Conversation | null = null;
  const spring: Trap['spring'] = (request, on) => {
    conversation = on;
    on.hold();
    caught.resolve({ request, conversation: on });
  };
  state.traps.push({ name, spring });
  return {
    sent: async () => {
      await waitFor(`${name} is sent`, 15_000, () => conversation !== null);
    },
    cut: () => conversation?.cut(),
    arrive: async () => {
      const { request, conversation: on } = await caught.promise;
      return new Promise((answered) => {
        on.pass(request, (answer) => {
          answered(answer);
          setImmediate(() => on.release());
        });
      });
    },
  };
}
