import { connect } from 'node:net';

/**
 * A few questions in Kafka's own protocol, for set-up and tests: kafkajs would print a warning on
 * Node 24 for every connection (kafkajs issue 1751), and does not ask one particular broker.
 */

/** A question: api key, version (not a flexible one), and the encoded body. */
export interface Question {
  readonly api: number;
  readonly version: number;
  readonly body: Buffer;
}

/**
 * Asks a plaintext broker, on a connection of its own.
 * @param broker `host:port`
 * @param limitMs milliseconds of silence that are too much
 * @returns the answer's body
 * @throws Error when there is no answer
 */
export function ask(broker: string, question: Question, limitMs = 2_000): Promise<Reader> {
  const request = Buffer.concat([
    int16(question.api),
    int16(question.version),
    int32(1), // correlation id
    string('scheduler-set-up'),
    question.body,
  ]);
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const { hostname, port } = new URL(`kafka://${broker}`);
    const socket = connect({ host: hostname, port: Number(port), timeout: limitMs });
    socket.once('connect', () => socket.write(Buffer.concat([int32(request.length), request])));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      resolve(new Reader(received.subarray(8))); // behind the length and the correlation id
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${limitMs} ms`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed without an answer')));
  });
}

/** Reads an answer from its beginning to its end. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#move(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4));
  }

  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const from = this.#move(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }

  #move(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}

export function int8(value: number): Buffer {
  return Buffer.from([value]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int16(bytes.length), bytes]);
}

interface PartitionMetadata {
  /** Kafka's error code, 0 for none */
  readonly error: number;
  readonly partition: number;
  /** node that leads it; -1 for none */
  readonly leader: number;
  readonly replicas: number[];
  readonly inSync: number[];
}

interface TopicMetadata {
  /** Kafka's error code, 0 for none, 3 for a topic that is not there */
  readonly error: number;
  readonly topic: string;
  readonly partitions: PartitionMetadata[];
}

export interface Metadata {
  /** numbers of the brokers that the controller has admitted */
  readonly nodes: number[];
  readonly topics: TopicMetadata[];
}

/**
 * What one broker knows of its cluster.
 * @param broker `host:port`
 * @param topics null: all, also Kafka's own
 * @throws Error when it does not answer
 */
export async function metadataOf(broker: string, topics: string[] | null): Promise<Metadata> {
  const names =
    topics === null ? int32(-1) : Buffer.concat([int32(topics.length), ...topics.map(string)]);
  const body = Buffer.concat([names, Buffer.of(0)]); // create none
  const answer = await ask(broker, { api: 3, version: 4, body });
  answer.int32(); // throttle time
  const nodes = answer.array(() => {
    const node = answer.int32();
    answer.string(); // host
    answer.int32(); // port
    answer.string(); // rack
    return node;
  });
  answer.string(); // cluster id
  answer.int32(); // controller
  return { nodes, topics: answer.array(() => topicOf(answer)) };
}

function topicOf(answer: Reader): TopicMetadata {
  const error = answer.int16();
  const topic = answer.string() ?? '';
  answer.int8(); // whether it is Kafka's own
  const partitions = answer.array(() => ({
    error: answer.int16(),
    partition: answer.int32(),
    leader: answer.int32(),
    replicas: answer.array(() => answer.int32()),
    inSync: answer.array(() => answer.int32()),
  }));
  return { error, topic, partitions };
}
