import { connect } from 'node:net';
import { waitFor } from './wait.ts';

/**
 * Waits until a plaintext Kafka has a broker that takes work. Asked in Kafka's own protocol: kafkajs
 * would print a warning on Node 24 for every attempt (kafkajs issue 1751).
 * @param broker `host:port`
 * @param limitMs milliseconds
 * @param check called before each attempt; throws GivenUp when waiting has become pointless
 * @throws Error after that, its cause what the last attempt said
 */
export async function untilKafkaAnswers(
  broker: string,
  limitMs: number,
  check: () => void | Promise<void> = () => undefined,
): Promise<void> {
  await waitFor(`Kafka on ${broker} answers`, limitMs, async () => {
    await check();
    return (await countBrokers(broker)) > 0;
  });
}

/** Metadata, version 4, of no topic: how many brokers the controller has admitted. */
async function countBrokers(broker: string): Promise<number> {
  const client = Buffer.from('scheduler-set-up');
  const request = Buffer.concat([
    int16(3), // api key: Metadata
    int16(4), // version
    int32(1), // correlation id
    int16(client.length),
    client,
    int32(0), // no topics
    Buffer.of(0), // create none
  ]);
  const response = await exchange(broker, Buffer.concat([int32(request.length), request]));
  // size, correlation id, throttle time, then the array of brokers with its length
  return response.readInt32BE(12);
}

const HEADER_BYTES = 16;

/** Sends a request and gives the start of the response, at least up to the number of brokers. */
function exchange(broker: string, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const { hostname, port } = new URL(`kafka://${broker}`);
    const socket = connect({ host: hostname, port: Number(port), timeout: 2_000 });
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < HEADER_BYTES) return;
      resolve(received);
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer within 2 s')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed without an answer')));
  });
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
