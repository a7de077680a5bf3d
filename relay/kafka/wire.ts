import { crc32c } from './internals.ts';
import type { OutgoingRecord } from './records.ts';

/**
 * Kafka's record batch, magic 2 (KIP-98; protocol guide, "Record Batch"), written in one pass into
 * one buffer. kafkajs would make a dozen buffers of each record: half of a publisher's time.
 */

/** A record with its key encoded and its size known. */
export interface SizedRecord {
  readonly record: OutgoingRecord;
  readonly key: Buffer;
  /** bytes that it takes in a batch, at most */
  readonly size: number;
}

/** Who writes the batch; -1 everywhere for a producer without transactions. */
export interface BatchProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly transactional: boolean;
}

/** Bytes of a batch before its records. */
export const BATCH_HEADER = 61;
/** Length prefix, attributes, timestamp delta and offset delta of a record, at most. */
const RECORD_OVERHEAD = 5 + 1 + 1 + 5;
const VARINT = 5;

/** Encodes the key of a record and bounds its size. */
export function sizeRecord(record: OutgoingRecord): SizedRecord {
  const key = Buffer.from(record.key);
  const body = key.length + record.value.length + headersSize(record.headers);
  return { record, key, size: RECORD_OVERHEAD + 3 * VARINT + body };
}

function headersSize(headers: OutgoingRecord['headers']): number {
  let size = 0;
  for (const name in headers) {
    const value = headers[name] as string | Buffer;
    size += 2 * VARINT + utf8Length(name);
    size += typeof value === 'string' ? utf8Length(value) : value.length;
  }
  return size;
}

/**
 * Writes a batch at an offset of a buffer that has room for it (`BATCH_HEADER` and the sizes of the
 * records).
 * @param timestamp ms since the epoch, of all records
 * @returns the offset after the batch
 */
export function writeBatch(
  out: Buffer,
  start: number,
  records: readonly SizedRecord[],
  timestamp: number,
  producer: BatchProducer,
): number {
  const end = writeRecords(out, start + BATCH_HEADER, records);
  out.writeBigInt64BE(0n, start); // base offset: the broker's business
  out.writeInt32BE(end - start - 12, start + 8);
  out.writeInt32BE(-1, start + 12); // partition leader epoch: the broker's business
  out.writeInt8(2, start + 16);
  out.writeInt16BE(producer.transactional ? 0x10 : 0, start + 21);
  out.writeInt32BE(records.length - 1, start + 23);
  out.writeBigInt64BE(BigInt(timestamp), start + 27);
  out.writeBigInt64BE(BigInt(timestamp), start + 35);
  out.writeBigInt64BE(producer.producerId, start + 43);
  out.writeInt16BE(producer.producerEpoch, start + 51);
  out.writeInt32BE(producer.firstSequence, start + 53);
  out.writeInt32BE(records.length, start + 57);
  out.writeUInt32BE(crc32c(out.subarray(start + 21, end)), start + 17);
  return end;
}

function writeRecords(out: Buffer, start: number, records: readonly SizedRecord[]): number {
  let at = start;
  for (let i = 0; i < records.length; i++) {
    const { record, key } = records[i] as SizedRecord;
    // The length comes first and its own length varies: write behind the widest, then close up.
    const body = at + VARINT;
    let p = body;
    out[p++] = 0; // attributes
    out[p++] = 0; // timestamp delta
    p = writeVarint(out, p, i); // offset delta
    p = writeBytes(out, p, key);
    p = writeBytes(out, p, record.value);
    p = writeHeaders(out, p, record.headers);
    const afterLength = writeVarint(out, at, p - body);
    out.copyWithin(afterLength, body, p);
    at = afterLength + (p - body);
  }
  return at;
}

function writeHeaders(out: Buffer, start: number, headers: OutgoingRecord['headers']): number {
  let count = 0;
  for (const _ in headers) count++;
  let p = writeVarint(out, start, count);
  for (const name in headers) {
    const value = headers[name] as string | Buffer;
    p = writeText(out, p, name);
    p = typeof value === 'string' ? writeText(out, p, value) : writeBytes(out, p, value);
  }
  return p;
}

/** A zigzag varint of a number from 0 to 2^30 - 1. */
function writeVarint(out: Buffer, start: number, value: number): number {
  let p = start;
  let rest = value << 1;
  while (rest > 0x7f) {
    out[p++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[p++] = rest;
  return p;
}

function writeBytes(out: Buffer, start: number, bytes: Buffer): number {
  const p = writeVarint(out, start, bytes.length);
  out.set(bytes, p);
  return p + bytes.length;
}

/** Short ASCII by a loop, which is cheaper than a call into C++. */
const SHORT = 48;

function writeText(out: Buffer, start: number, text: string): number {
  if (text.length <= SHORT) {
    let p = writeVarint(out, start, text.length);
    let i = 0;
    for (; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) break;
      out[p++] = unit;
    }
    if (i === text.length) return p;
  }
  const length = Buffer.byteLength(text);
  const p = writeVarint(out, start, length);
  out.write(text, p, length, 'utf8');
  return p + length;
}

function utf8Length(text: string): number {
  if (text.length <= SHORT) {
    let i = 0;
    while (i < text.length && text.charCodeAt(i) <= 0x7f) i++;
    if (i === text.length) return i;
  }
  return Buffer.byteLength(text);
}
