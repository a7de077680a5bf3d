import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query, type TestDatabase, testDatabase } from '../harness/database.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { type RelayProcess, startRelay, untilReady } from '../harness/relay.ts';

const brokers = inject('kafkaBrokers');
let database: TestDatabase;
let relay: RelayProcess;
let reader: Reader;
let topic: string;

beforeAll(async () => {
  database = await testDatabase();
  topic = await testTopic(brokers);
  relay = startRelay({ relayUrl: database.relayUrl, kafkaBrokers: brokers, deployment: 'bytes' });
  reader = await readTopics(brokers, [topic]);
  await untilReady(relay);
});

afterAll(async () => {
  await reader.close();
  await relay.stop();
  await database.drop();
});

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test.each([
  ['every byte value', everyByte],
  ['an empty payload, no tombstone', Buffer.alloc(0)],
  ['the largest size', Buffer.alloc(900_000, everyByte)],
])('%s arrives unchanged', async (_name, payload) => {
  const [event] = await query<{ id: string }>(
    database.url,
    `select id from scheduler.schedule_event('2022-03-09T17:43:00Z', $1, $2)`,
    [payload, topic],
  );
  const message = await waitFor('it arrives', 20_000, () =>
    reader.messages.find((one) => one.headers.ce_id === event?.id),
  );
  expect(message.value).not.toBeNull();
  expect(message.value.equals(payload)).toBe(true);
});
