import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** API keys of Kafka's protocol that the tests interfere with. */
export const API = {
  Produce: 0,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const;

export type Api = keyof typeof API;
type Part = 'request' | 'answer';

export interface KafkaProxy {
  /** to be used in place of the broker; metadata that pass name it, too */
  readonly brokers: string[];
  /**
   * Cuts the connection at the next such request: before the broker gets it, or when it has
   * answered, in place of passing the answer on.
   * @returns when that has happened
   */
  cutAt(part: Part, api: Api): Promise<void>;
  /** Cuts all connections that are open now. */
  cut(): void;
  /** From now on nothing comes back from the broker; connections stay open. */
  hang(): void;
  close(): Promise<void>;
}

interface Trap {
  readonly part: Part;
  readonly api: number;
  readonly sprung: () => void;
}

/**
 * A proxy in front of one plaintext broker that reads the frames of Kafka's protocol.
 * @param wanted port to listen on; default any
 */
export async function startProxy(broker: string, wanted = 0): Promise<KafkaProxy> {
  const { hostname, port } = new URL(`kafka://${broker}`);
  const open = new Set<Socket>();
  let trap: Trap | null = null;
  let hangs = false;
  let own = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    const both = [client, upstream];
    const end = () => {
      for (const socket of both) socket.destroy();
    };
    for (const socket of both) {
      open.add(socket.setNoDelay(true));
      socket.on('error', end).on('close', () => {
        open.delete(socket);
        end();
      });
    }
    const doomed = new Map<number, Trap>();
    const [requests, answers] = [frames(), frames()];
    const ask = (frame: Buffer) => {
      const sprung = trap && frame.readInt16BE(4) === trap.api ? trap : null;
      if (sprung) trap = null;
      if (sprung?.part === 'answer') doomed.set(frame.readInt32BE(8), sprung);
      if (sprung?.part !== 'request') return void upstream.write(frame);
      end();
      sprung.sprung();
    };
    const answer = (frame: Buffer) => {
      if (hangs) return;
      const sprung = doomed.get(frame.readInt32BE(4));
      if (!sprung) return void client.write(readdressed(frame, hostname, Number(port), own));
      end();
      sprung.sprung();
    };
    client.on('data', (chunk) => requests(chunk).forEach(ask));
    upstream.on('data', (chunk) => answers(chunk).forEach(answer));
  });
  server.listen(wanted, hostname);
  await once(server, 'listening');
  own = (server.address() as AddressInfo).port;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    brokers: [`${hostname}:${own}`],
    cutAt: (part, api) =>
      new Promise((sprung) => {
        trap = { part, api: API[api], sprung };
      }),
    cut,
    hang: () => {
      hangs = true;
    },
    close: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

/** Puts chunks of a stream together to frames: a length of four bytes, and so many bytes. */
export function frames(): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const whole: Buffer[] = [];
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const length = 4 + rest.readInt32BE(0);
      whole.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    return whole;
  };
}

/** Where an answer names the broker's address, the proxy's takes its place. */
export function readdressed(frame: Buffer, host: string, from: number, to: number): Buffer {
  const address = Buffer.alloc(2 + host.length + 4);
  address.writeInt16BE(address.write(host, 2), 0);
  address.writeInt32BE(from, address.length - 4);
  for (let at = frame.indexOf(address); at >= 0; at = frame.indexOf(address, at + 1)) {
    frame.writeInt32BE(to, at + address.length - 4);
  }
  return frame;
}
