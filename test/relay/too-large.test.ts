import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../harness/database.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { untilReady } from '../harness/relay.ts';
import {
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
  untilFinal,
} from '../harness/stage.ts';

let stage: Stage;
let small: string;
let reader: Reader;

beforeAll(async () => {
  const whole = await setStage('too-large', { topics: 1 });
  small = await testTopic(whole.brokers, { config: { 'max.message.bytes': '2000' } });
  reader = await readTopics(whole.brokers, [...whole.topics, small]);
  stage = { ...whole, reader };
  await query(
    stage.database.url,
    `update scheduler_private.settings set retry_delays = array['200 milliseconds'::interval]`,
  );
  await untilReady(stage.relay());
});

afterAll(async () => {
  await reader?.close();
  await stage?.close();
});

const key = 'one lane';

test('a record that its topic does not take is found in a large batch: attempts for it only, all others go out once', async () => {
  const [topic = ''] = stage.topics;
  const early = await schedule(stage, {
    count: 150,
    topics: [topic],
    key,
    at: '2020-01-01T00:00:00Z',
  });
  const bad = await schedule(stage, {
    topics: [small],
    key,
    bytes: 5_000,
    at: '2020-01-02T00:00:00Z',
  });
  const late = await schedule(stage, { count: 150, topics: [topic, small], key, bytes: 100 });
  await expectPublishedOnce(stage, [...early, ...late]);
  await untilFinal(stage, bad);
  expect(await statesOf(stage, bad)).toEqual([
    { id: bad[0], status: 'FAILED', retry: 3, last_error: 'record_too_large' },
  ]);
  const blamed = (await statesOf(stage, [...early, ...late])).filter(({ retry }) => retry > 0);
  expect(blamed).toEqual([]);
});

test('records that a topic takes one by one, though not in one batch, go out without an attempt', async () => {
  const ids = await schedule(stage, { count: 200, topics: [small], key, bytes: 600 });
  await expectPublishedOnce(stage, ids);
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
});
