import { metadataOf } from './kafka-wire.ts';
import { waitFor } from './wait.ts';

/**
 * Waits until a plaintext Kafka has a broker that takes work.
 * @param broker `host:port`
 * @param limitMs milliseconds
 * @param check called before each attempt; throws GivenUp when waiting has become pointless
 * @param node number of the broker that is to have been admitted; default any
 * @throws Error after that, its cause what the last attempt said
 */
export async function untilKafkaAnswers(
  broker: string,
  limitMs: number,
  check: () => void | Promise<void> = () => undefined,
  node?: number,
): Promise<void> {
  await waitFor(`Kafka on ${broker} answers`, limitMs, async () => {
    await check();
    const { nodes } = await metadataOf(broker, []);
    return node === undefined ? nodes.length > 0 : nodes.includes(node);
  });
}
