import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { type Stage, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('bytes', { topics: 1 });
  await untilReady(stage.relay());
});

afterAll(() => stage?.close());

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test.each([
  ['every byte value', everyByte],
  ['an empty payload, no tombstone', Buffer.alloc(0)],
  ['the largest size', Buffer.alloc(900_000, everyByte)],
])('%s arrives unchanged', async (_name, payload) => {
  const [event] = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_event('2022-03-09T17:43:00Z', $1, $2)`,
    [payload, stage.topics[0]],
  );
  const message = await waitFor('it arrives', 20_000, () =>
    stage.reader.messages.find((one) => one.headers.ce_id === event?.id),
  );
  expect(message.value).not.toBeNull();
  expect(message.value.equals(payload)).toBe(true);
});
