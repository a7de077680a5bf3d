import { type Encoded, Encoder } from './internals.ts';
import type { BrokerLink } from './link.ts';
import { makeProduceRequest, type ProduceAnswer } from './produce.ts';

/** What a broker says of an empty batch once it has found nothing else to refuse. */
const INVALID_RECORD = 87;

/**
 * Asks whether we may write to topics, without writing: a batch without records is refused, but
 * only after authorisation has been checked.
 * @param topics that exist
 * @param nodeId a broker; any will do
 * @returns by topic Kafka's error code; 0: we may
 */
export async function checkWriting(
  link: BrokerLink,
  topics: readonly string[],
  nodeId: number,
): Promise<Map<string, number>> {
  if (topics.length === 0) return new Map();
  const broker = await link.broker(nodeId);
  const answer = (await link.send(broker, emptyProduce(topics))) as ProduceAnswer;
  return new Map(
    answer.topics.map(({ topicName, partitions: [partition] }) => {
      const code = partition?.errorCode ?? -1;
      return [topicName, code === INVALID_RECORD ? 0 : code];
    }),
  );
}

/** No bytes of records for partition 0 of each topic. */
function emptyProduce(topics: readonly string[]): Encoded {
  const body = new Encoder()
    .writeString(null) // no transactional id
    .writeInt16(-1) // acks: all, so that there is an answer
    .writeInt32(1_000)
    .writeInt32(topics.length);
  for (const topic of topics) {
    body.writeString(topic).writeInt32(1).writeInt32(0).writeInt32(0);
  }
  // What is refused is the answer, not an error.
  return makeProduceRequest(
    () => body.buffer,
    () => undefined,
  );
}
