import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { OutgoingRecord } from '../../relay/kafka/records.ts';
import {
  BATCH_HEADER,
  type BatchProducer,
  sizeRecord,
  writeBatch,
} from '../../relay/kafka/wire.ts';
import { bytes, type Random, random } from './random.ts';

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0');
const Record = require('kafkajs/src/protocol/recordBatch/record/v0');

const NOW = 1_795_000_000_123;
const TRANSACTIONAL = {
  producerId: 9_007_199_254_740_991n,
  producerEpoch: 32_767,
  firstSequence: 2_147_483_000,
  transactional: true,
};
const PLAIN = { producerId: -1n, producerEpoch: -1, firstSequence: -1, transactional: false };

/** Ours, written over rubbish, so that a byte left out shows. */
function ours(records: OutgoingRecord[], producer: BatchProducer, start = 0): Buffer {
  const sized = records.map(sizeRecord);
  const room = sized.reduce((sum, { size }) => sum + size, BATCH_HEADER);
  const out = Buffer.alloc(start + room, 0xee);
  return out.subarray(start, writeBatch(out, start, sized, NOW, producer));
}

async function theirs(records: OutgoingRecord[], producer: BatchProducer): Promise<Buffer> {
  const encoder = await RecordBatch({
    ...producer,
    producerId: producer.producerId.toString(),
    firstTimestamp: NOW,
    maxTimestamp: NOW,
    lastOffsetDelta: records.length - 1,
    partitionLeaderEpoch: -1,
    records: records.map((record, offsetDelta) =>
      Record({ ...record, offsetDelta, timestampDelta: 0 }),
    ),
  });
  return encoder.buffer;
}

const TEXTS = [
  '',
  'a',
  'content-type',
  'ключ',
  '𝕏😀',
  'z'.repeat(47),
  'z'.repeat(48),
  'é'.repeat(64),
];

function someRecord(dice: Random): OutgoingRecord {
  const text = () => TEXTS[dice(TEXTS.length)] + 'v'.repeat(dice(200));
  const headers = Array.from({ length: dice(9) }, (_, i) => [
    `${i}${text()}`,
    dice(2) ? text() : bytes(dice, dice(300)),
  ]);
  return {
    eventId: 'x',
    topic: 't',
    key: text(),
    value: bytes(dice, dice(400)),
    headers: Object.fromEntries(headers),
  };
}

test('a batch is byte for byte the one that kafkajs writes, whatever is in it', async () => {
  const dice = random(7);
  for (let round = 0; round < 1_000; round++) {
    const records = Array.from({ length: 1 + dice(9) }, () => someRecord(dice));
    const producer = round % 2 ? TRANSACTIONAL : PLAIN;
    expect(ours(records, producer).equals(await theirs(records, producer)), `${round}`).toBe(true);
  }
});

test.each([
  ['an empty key, an empty value and no headers', 1, 0],
  ['lengths on both sides of each width of a varint', 1, 63],
  ['a value of 1 MB', 1, 1_000_000],
  ['20,000 records', 20_000, 10],
])('so it is with %s', async (_name, count, length) => {
  const records = [0, 1, 2].flatMap((more) =>
    Array.from({ length: count }, () => ({
      eventId: 'x',
      topic: 't',
      key: 'k'.repeat(length % 1_000),
      value: Buffer.alloc(length + more, 1),
      headers: {},
    })),
  );
  expect(ours(records, TRANSACTIONAL).equals(await theirs(records, TRANSACTIONAL))).toBe(true);
});

test('lengths around each width of a varint are written as kafkajs writes them', async () => {
  const around = [0, 7, 14, 20].flatMap((bits) =>
    [-12, -11, -10, -1, 0, 1].map((d) => 2 ** bits + d),
  );
  for (const length of around.filter((one) => one >= 0)) {
    const records = [{ ...someRecord(random(1)), value: Buffer.alloc(length, 7) }];
    expect(ours(records, PLAIN).equals(await theirs(records, PLAIN)), `${length}`).toBe(true);
  }
});

test('a batch behind others in a buffer is the same as alone', () => {
  const records = Array.from({ length: 5 }, () => someRecord(random(3)));
  expect(ours(records, PLAIN, 777).equals(ours(records, PLAIN))).toBe(true);
});

test('a lone surrogate in a key or a header is written as its replacement, within its size', () => {
  const records = [
    {
      eventId: 'x',
      topic: 't',
      key: '\ud800',
      value: Buffer.of(),
      headers: { '\udc00': 'a\ud800' },
    },
  ];
  const batch = ours(records, PLAIN);
  expect(batch.toString('utf8').split('\ufffd').length - 1).toBeGreaterThanOrEqual(3);
  expect(batch.readInt32BE(8)).toBe(batch.length - 12);
});
