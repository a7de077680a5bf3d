import type { BatchLimits, Chunk } from './batches.ts';
import { CODES } from './error-codes.ts';
import { BrokerRefusal, KafkaError } from './errors.ts';
import { apiKeys, type Encoded, produceResponseV7 } from './internals.ts';
import { type BrokerLink, throwRefusal } from './link.ts';
import { type BatchProducer, writeBatch } from './wire.ts';

export interface ProduceOptions {
  /** null for a producer without transactions */
  readonly transactionalId: string | null;
  /** ms that the leader may wait for its replicas */
  readonly timeout: number;
  /** ms since the epoch */
  readonly timestamp: number;
  readonly limits: BatchLimits;
  /** who writes a chunk: its sequence is taken when this is called */
  producer(chunk: Chunk): BatchProducer;
  leader(chunk: Chunk): number;
  /** awaited after the answer of each broker, for tests */
  readonly onPart?: (() => void | Promise<void>) | undefined;
}

/**
 * Sends one round of chunks, one request to each leader, all at the same time, acks = all. Waits
 * for every answer, also when one has failed.
 */
export async function produceRound(
  link: BrokerLink,
  round: readonly Chunk[],
  options: ProduceOptions,
): Promise<void> {
  const byLeader = Map.groupBy(round, (chunk) => options.leader(chunk));
  const leaderless = byLeader.get(-1)?.[0];
  if (leaderless) throw new BrokerRefusal(5, leaderless.topic);
  const answers = await Promise.allSettled(
    [...byLeader].map(async ([nodeId, chunks]) => {
      const broker = await link.broker(nodeId);
      await link.send(broker, produceRequest(chunks, options));
      await options.onPart?.();
    }),
  );
  for (const answer of answers) {
    if (answer.status === 'rejected') throw answer.reason;
  }
}

export interface ProduceAnswer {
  readonly topics: {
    readonly topicName: string;
    readonly partitions: { readonly partition: number; readonly errorCode: number }[];
  }[];
}

/**
 * A Produce request, version 7.
 * @param encode its body
 * @param check throws what the answer refuses
 */
export function makeProduceRequest(
  encode: () => Buffer,
  check: (answer: ProduceAnswer) => void,
): Encoded {
  return {
    request: {
      apiKey: apiKeys.Produce as number,
      apiVersion: 7,
      apiName: 'Produce',
      encode: async () => {
        const buffer = encode();
        return { buf: buffer, buffer };
      },
    },
    response: {
      decode: produceResponseV7.decode,
      parse: async (decoded) => {
        check(decoded as ProduceAnswer);
        return decoded;
      },
    },
  };
}

function produceRequest(chunks: readonly Chunk[], options: ProduceOptions): Encoded {
  return makeProduceRequest(
    () => encodeOrRefuse(chunks, options),
    (answer) => checkAnswer(answer, chunks, options.limits),
  );
}

/** What cannot be written is the fault of a record, as a broker's refusal of it would be. */
function encodeOrRefuse(chunks: readonly Chunk[], options: ProduceOptions): Buffer {
  try {
    return encodeProduce(chunks, options);
  } catch (error) {
    const message = 'a record cannot be encoded';
    throw new KafkaError({ class: 'event', code: 'encoding_failed', message }, error);
  }
}

/**
 * Produce request, version 7 (Kafka ≥ 2.1):
 * transactional_id acks timeout [topic [partition records]]
 */
function encodeProduce(chunks: readonly Chunk[], options: ProduceOptions): Buffer {
  const { transactionalId } = options;
  const byTopic = Map.groupBy(chunks, (chunk) => chunk.topic);
  let room = 12 + (transactionalId ?? '').length * 3;
  for (const topic of byTopic.keys()) room += 6 + topic.length;
  for (const chunk of chunks) room += 8 + chunk.size;
  const out = Buffer.allocUnsafe(room);
  let p = 0;
  if (transactionalId === null) p = out.writeInt16BE(-1, p);
  else p = writeString(out, p, transactionalId);
  p = out.writeInt16BE(-1, p); // acks: all in-sync replicas
  p = out.writeInt32BE(options.timeout, p);
  p = out.writeInt32BE(byTopic.size, p);
  for (const [topic, topicChunks] of byTopic) {
    p = writeString(out, p, topic);
    p = out.writeInt32BE(topicChunks.length, p);
    for (const chunk of topicChunks) {
      p = out.writeInt32BE(chunk.partition, p);
      const end = writeBatch(out, p + 4, chunk.records, options.timestamp, options.producer(chunk));
      out.writeInt32BE(end - (p + 4), p);
      p = end;
    }
  }
  return out.subarray(0, p);
}

function writeString(out: Buffer, start: number, text: string): number {
  const length = out.write(text, start + 2);
  out.writeInt16BE(length, start);
  return start + 2 + length;
}

/** Throws the first refusal of a record that was alone in its chunk, with all that were refused alike. */
function throwCulprits(answer: ProduceAnswer, chunks: readonly Chunk[]): void {
  let first: { readonly topic: string; readonly errorCode: number } | null = null;
  const culprits: string[] = [];
  for (const { topicName: topic, partitions } of answer.topics) {
    for (const { partition, errorCode } of partitions) {
      if (CODES.get(errorCode)?.[0] !== 'event') continue;
      const chunk = chunks.find((c) => c.topic === topic && c.partition === partition);
      const [only, second] = chunk?.records ?? [];
      if (!only || second || (first && first.errorCode !== errorCode)) continue;
      first ??= { topic, errorCode };
      culprits.push(only.record.eventId);
    }
  }
  if (first) throw new BrokerRefusal(first.errorCode, first.topic, culprits);
}

/** MESSAGE_TOO_LARGE and RECORD_LIST_TOO_LARGE */
const TOO_LARGE = new Set([10, 18]);

function checkAnswer(answer: ProduceAnswer, chunks: readonly Chunk[], limits: BatchLimits): void {
  const refusals: [string, number][] = [];
  let answered = 0;
  for (const { topicName, partitions } of answer.topics) {
    for (const { partition, errorCode } of partitions) {
      answered++;
      if (errorCode !== 0) refusals.push([topicName, errorCode]);
      if (!TOO_LARGE.has(errorCode)) continue;
      const chunk = chunks.find((c) => c.topic === topicName && c.partition === partition);
      if (chunk) limits.refused(chunk);
    }
  }
  throwCulprits(answer, chunks);
  throwRefusal(refusals);
  // Acknowledged means acknowledged by name: never take silence about a partition for a yes.
  if (answered !== chunks.length) throw new BrokerRefusal(-1);
}
