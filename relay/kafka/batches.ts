import { KafkaError } from './errors.ts';
import { partitionFor } from './partitioner.ts';
import type { OutgoingRecord } from './records.ts';
import { BATCH_HEADER, type SizedRecord, sizeRecord } from './wire.ts';

/** Records of one partition that travel in one record batch. */
export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly records: SizedRecord[];
  /** bytes, at most */
  size: number;
}

/** The broker's limit (`max.message.bytes`, default 1,048,588) is on a batch, not on a record. */
const CHUNK_BYTES = 900_000;
/** Most bytes that one round of produce requests carries, so that memory stays bounded. */
const ROUND_BYTES = 8_000_000;

/**
 * How large a batch each topic takes, as learnt from refusals. Shared by the lanes of a relay and
 * kept when a publisher is thrown away: a topic with a small `max.message.bytes` refuses a batch of
 * records each of which it would take.
 */
export class BatchLimits {
  readonly #limits = new Map<string, number>();

  limit(topic: string): number {
    return this.#limits.get(topic) ?? CHUNK_BYTES;
  }

  /**
   * A batch was too large: the next ones are at most half its size, if it could be split at all;
   * but never smaller than its largest record, which may be the one to blame.
   */
  refused(chunk: Chunk): void {
    if (chunk.records.length < 2) return;
    const largest = chunk.records.reduce((most, { size }) => Math.max(most, size), 0);
    const next = Math.max(Math.floor(chunk.size / 2), BATCH_HEADER + largest);
    this.#limits.set(chunk.topic, Math.min(next, this.limit(chunk.topic)));
  }
}

/**
 * Puts records into chunks by partition, in their order, and the chunks into rounds: a round has
 * at most one chunk of a partition, and each round is acknowledged before the next is sent.
 * @param leaders node ids by partition, for every topic of the records
 */
export function planRounds(
  records: readonly OutgoingRecord[],
  leaders: ReadonlyMap<string, readonly number[]>,
  limits: BatchLimits,
): Chunk[][] {
  const chunksOf = new Map<string, Chunk[][]>();
  for (const record of records) {
    const partitions = leaders.get(record.topic);
    if (!partitions || partitions.length === 0) throw unknownTopic(record.topic);
    let topicChunks = chunksOf.get(record.topic);
    if (!topicChunks) {
      topicChunks = Array.from({ length: partitions.length }, () => []);
      chunksOf.set(record.topic, topicChunks);
    }
    const sized = sizeRecord(record);
    const partition = partitionFor(sized.key, partitions.length);
    append(topicChunks[partition] as Chunk[], sized, partition, limits.limit(record.topic));
  }
  return toRounds([...chunksOf.values()].flat());
}

function append(chunks: Chunk[], sized: SizedRecord, partition: number, limit: number): void {
  const last = chunks.at(-1);
  if (last && last.size + sized.size <= limit) {
    last.records.push(sized);
    last.size += sized.size;
  } else {
    const { topic } = sized.record;
    chunks.push({ topic, partition, records: [sized], size: BATCH_HEADER + sized.size });
  }
}

function toRounds(byPartition: Chunk[][]): Chunk[][] {
  const rounds: Chunk[][] = [];
  const depth = byPartition.reduce((most, chunks) => Math.max(most, chunks.length), 0);
  for (let level = 0; level < depth; level++) {
    let round: Chunk[] = [];
    let bytes = 0;
    for (const chunks of byPartition) {
      const chunk = chunks[level];
      if (!chunk) continue;
      if (round.length > 0 && bytes + chunk.size > ROUND_BYTES) {
        rounds.push(round);
        round = [];
        bytes = 0;
      }
      round.push(chunk);
      bytes += chunk.size;
    }
    rounds.push(round);
  }
  return rounds;
}

function unknownTopic(topic: string): KafkaError {
  return new KafkaError({
    class: 'event',
    code: 'unknown_topic',
    message: `no such topic: ${topic}`,
    topic,
  });
}
