import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { readTopics, testTopic, withAdmin } from '../harness/kafka.ts';
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

beforeAll(async () => {
  stage = await setStage('rejections');
  await setDelays('300 milliseconds', '900 milliseconds');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

async function setDelays(...delays: string[]): Promise<void> {
  await query(
    stage.database.url,
    'update scheduler_private.settings set retry_delays = $1::interval[]',
    [delays],
  );
}

const unknown = () => `missing-${randomUUID()}`;

test('an unknown topic costs its event three attempts with growing delays, then FAILED; the rest of its lane flows meanwhile', async () => {
  await untilReady(stage.relay());
  const bad = await schedule(stage, {
    topics: [unknown()],
    key: 'one lane',
    at: '2020-01-01T00:00:00Z',
  });
  const good = await schedule(stage, { count: 20, key: 'one lane' });
  await expectPublishedOnce(stage, good);
  const [waiting] = await statesOf(stage, bad);
  expect(waiting).toMatchObject({ status: 'SCHEDULED', last_error: 'unknown_topic' });

  await untilFinal(stage, bad);
  const [failed] = await statesOf(stage, bad);
  expect(failed).toMatchObject({ status: 'FAILED', retry: 3, last_error: 'unknown_topic' });
  const attempts = await query<{ code: string; gap: number | null }>(
    stage.database.url,
    `select code, extract(epoch from attempted_at - lag(attempted_at) over (order by attempt))::float8 as gap
     from scheduler_private.attempts where event_id = $1 order by attempt`,
    bad,
  );
  expect(attempts.map(({ code }) => code)).toEqual(Array(3).fill('unknown_topic'));
  expect(attempts[1]?.gap).toBeGreaterThanOrEqual(0.3);
  expect(attempts[2]?.gap).toBeGreaterThanOrEqual(0.9);
});

test('a topic that is created between attempts gets its events', async () => {
  await setDelays('1 second');
  await untilReady(stage.relay());
  const topic = unknown();
  const ids = await schedule(stage, { count: 5, topics: [topic] });
  await waitFor('an attempt is rejected', 10_000, async () =>
    (await statesOf(stage, ids)).every(({ retry }) => retry >= 1),
  );
  await testTopic(stage.brokers, { name: topic });
  const reader = await readTopics(stage.brokers, [topic]);
  try {
    await expectPublishedOnce({ ...stage, reader }, ids);
  } finally {
    await reader.close();
    await setDelays('300 milliseconds', '900 milliseconds');
  }
});

test('CREATE_MISSING_TOPICS creates it, and no attempt is counted', async () => {
  await untilReady(stage.relay({ settings: { CREATE_MISSING_TOPICS: 'true' } }));
  const topic = unknown();
  const ids = await schedule(stage, { count: 20, topics: [topic] });
  await untilFinal(stage, ids);
  const reader = await readTopics(stage.brokers, [topic]);
  try {
    await expectPublishedOnce({ ...stage, reader }, ids);
  } finally {
    await reader.close();
  }
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
});

test('a hundred bad topics in one batch fail in a few rounds, and the good events of the batch go out once', async () => {
  const [topic = ''] = stage.topics;
  const mixed = Array.from({ length: 200 }, (_, n) => (n % 2 ? unknown() : topic));
  const ids = await schedule(stage, { count: 200, topics: mixed, key: 'one lane' });
  const relay = stage.relay();
  await untilFinal(stage, ids);
  const states = await statesOf(stage, ids);
  const good = states.filter(({ status }) => status === 'PUBLISHED').map(({ id }) => id);
  const bad = states.filter(({ status }) => status === 'FAILED');
  expect([good.length, bad.length]).toEqual([100, 100]);
  expect(
    bad.filter(({ last_error, retry }) => last_error !== 'unknown_topic' || retry !== 3),
  ).toEqual([]);
  await expectPublishedOnce(stage, good);
  expect(relay.steps.filter((step) => step === 'claimed').length).toBeLessThan(20);
});

test('a topic that is deleted while it is in use fails its own events only', async () => {
  const gone = await testTopic(stage.brokers);
  await untilReady(stage.relay());
  const before = await schedule(stage, { count: 4, topics: [gone], key: 'one lane' });
  await untilFinal(stage, before);
  await withAdmin(stage.brokers, (admin) => admin.deleteTopics({ topics: [gone] }));
  const bad = await schedule(stage, { count: 3, topics: [gone], key: 'one lane' });
  const good = await schedule(stage, { count: 20, key: 'one lane' });
  await expectPublishedOnce(stage, good);
  await untilFinal(stage, bad);
  for (const state of await statesOf(stage, bad)) {
    expect(state).toMatchObject({ status: 'FAILED', retry: 3, last_error: 'unknown_topic' });
  }
  expect((await statesOf(stage, good)).filter(({ retry }) => retry > 0)).toEqual([]);
});
