import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import type { Received } from '../harness/kafka.ts';
import { untilReady } from '../harness/relay.ts';
import { type Stage, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('headers', { topics: 1 });
  await untilReady(stage.relay());
});

afterAll(() => stage?.close());

interface Given {
  readonly key?: string;
  readonly headers?: Record<string, string>;
}

async function publish({ key, headers }: Given): Promise<{ id: string; message: Received }> {
  const [event] = await query<{ id: string }>(
    stage.database.url,
    `select id from scheduler.schedule_event('2022-03-09T18:43:00.123456+01:00', 'x', $1, key => $2, headers => $3)`,
    [stage.topics[0], key ?? null, headers ?? null],
  );
  const id = event?.id ?? '';
  const message = await waitFor('it arrives', 20_000, () =>
    stage.reader.messages.find((one) => one.headers.ce_id === id),
  );
  return { id, message };
}

test('an event without key and headers carries its id as key and exactly the five headers of the table', async () => {
  const { id, message } = await publish({});
  expect(message.key).toBe(id);
  expect(message.headers).toEqual({
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: `/scheduler/${stage.deployment}`,
    ce_type: 'scheduler.event',
    ce_time: '2022-03-09T17:43:00.123456Z',
  });
});

test('the key of the caller is the key of the message, whatever its characters', async () => {
  const { message } = await publish({ key: 'Kunde 7 – 顧客' });
  expect(message.key).toBe('Kunde 7 – 顧客');
});

test('ce_type, ce_source, content-type and headers of the caller arrive as given, beside ours', async () => {
  const headers = {
    ce_type: 'bill.due',
    ce_source: '/billing',
    'content-type': 'application/json',
    'x-empty': '',
    'x-text': 'größer — 大きい',
    'x-long': 'é'.repeat(5_000),
  };
  const { id, message } = await publish({ headers });
  expect(message.headers).toEqual({
    ce_specversion: '1.0',
    ce_id: id,
    ce_time: '2022-03-09T17:43:00.123456Z',
    ...headers,
  });
});

test('ce_source follows the settings, without a restart of the relay', async () => {
  const { url } = stage.database;
  await query(url, `update scheduler_private.settings set ce_source = '/elsewhere'`);
  const { message } = await publish({});
  expect(message.headers.ce_source).toBe('/elsewhere');
});

test('the timestamp of a late event is when it was published, not its instant', async () => {
  const before = Date.now();
  const { message } = await publish({});
  expect(message.timestamp).toBeGreaterThanOrEqual(before);
  expect(message.timestamp).toBeLessThanOrEqual(Date.now());
});
