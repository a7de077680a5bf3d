import { API, type Api, frames, readdressed } from '../../kafka/proxy.ts';
import type { Dialogue } from './interceptor.ts';

const names = new Map<number, string>([
  ...Object.entries(API).map(([name, key]) => [key, name] as const),
  [9, 'OffsetFetch'],
  [22, 'InitProducerId'],
]);

/** Kafka's protocol, requests by their names; metadata name the interceptor as the broker. */
export function kafkaDialogue(broker: string): (own: number) => Dialogue {
  const { hostname, port } = new URL(`kafka://${broker}`);
  return (own) => {
    const fromClient = frames();
    const fromServer = frames();
    return {
      requests: (chunk) =>
        fromClient(chunk).map((bytes) => ({
          bytes,
          name: names.get(bytes.readInt16BE(4)) ?? null,
          id: bytes.readInt32BE(8),
        })),
      answers: (chunk) =>
        fromServer(chunk).map((bytes) => ({
          bytes: readdressed(bytes, hostname, Number(port), own),
          id: bytes.readInt32BE(4),
          last: true,
        })),
      again: (old, request) => {
        if (!old.request.bytes.subarray(12).equals(request.bytes.subarray(12))) return null;
        const answer = Buffer.from(old.answer);
        answer.writeInt32BE(request.id, 4);
        return answer;
      },
    };
  };
}

/** INVALID_PRODUCER_EPOCH, PRODUCER_FENCED: what is asked by a producer after another one's init */
export const FENCED = [47, 90];

/** How many bytes stand behind the error code in the answer about one topic and partition. */
const behindError: Partial<Record<Api, number>> = { Produce: 28 };

/** The error code in an answer; 0 for none. */
export function errorIn(answer: Buffer, api: Api): number {
  return answer.readInt16BE(answer.length - 2 - (behindError[api] ?? 0));
}
