import { apiKeys, type Encoded, produceResponseV7 } from './internals.ts';
import type { BrokerLink } from './link.ts';

/** What a broker says of an empty batch once it has found nothing else to refuse. */
const INVALID_RECORD = 87;

interface ProduceAnswer {
  readonly topics: {
    readonly topicName: string;
    readonly partitions: { readonly errorCode: number }[];
  }[];
}

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

/** Produce request, version 7, as in produce.ts, with no bytes of records for partition 0 of each topic. */
function emptyProduce(topics: readonly string[]): Encoded {
  return {
    request: {
      apiKey: apiKeys.Produce as number,
      apiVersion: 7,
      apiName: 'Produce',
      encode: async () => {
        const buffer = Buffer.concat([
          int16(-1), // no transactional id
          int16(-1), // acks: all, so that there is an answer
          int32(1_000),
          int32(topics.length),
          ...topics.flatMap((topic) => [
            int16(Buffer.byteLength(topic)),
            Buffer.from(topic),
            ...[int32(1), int32(0), int32(0)],
          ]),
        ]);
        return { buf: buffer, buffer };
      },
    },
    response: { decode: produceResponseV7.decode, parse: async (decoded) => decoded },
  };
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
