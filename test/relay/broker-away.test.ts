import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { KafkaService } from '../../local/services.ts';
import { waitFor } from '../../local/wait.ts';
import { ownKafka } from '../harness/own-services.ts';
import { timesLogged, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

let kafka: KafkaService;
let stage: Stage;

beforeAll(async () => {
  kafka = await ownKafka('broker-away');
  stage = await setStage('broker-away', { brokers: kafka.brokers });
});

afterEach(() => stage?.killRelays());

afterAll(async () => {
  await stage?.close();
  await kafka?.dispose();
});

async function expectNoAttempts(ids: string[]): Promise<void> {
  const blamed = (await statesOf(stage, ids)).filter(({ retry }) => retry > 0);
  expect(blamed).toEqual([]);
}

test('a broker that is away for long is nobody’s attempt: everything goes out when it is back, once', async () => {
  const relay = stage.relay();
  await untilReady(relay);
  await expectPublishedOnce(stage, await schedule(stage, { count: 100 }));
  await kafka.stop('fast');
  const ids = await schedule(stage, { count: 200 });
  await waitFor('many rounds have failed', 45_000, () => {
    return timesLogged(relay, 'starting again from the fence') > 20;
  });
  const states = await statesOf(stage, ids);
  expect(states.filter(({ status, retry }) => status !== 'SCHEDULED' || retry > 0)).toEqual([]);
  await kafka.start();
  await expectPublishedOnce(stage, ids);
  await expectNoAttempts(ids);
}, 120_000);

test.each(['immediate', 'fast'] as const)(
  'a broker that is stopped (%s) in mid-burst and comes back: every event once, no attempts',
  async (mode) => {
    const ids = await schedule(stage, { count: 1_500 });
    const relay = stage.relay({ settings: { BATCH_EVENTS: '25' } });
    const batches = () => relay.steps.filter((step) => step === 'confirmed').length;
    await waitFor('it is busy', 20_000, () => batches() > 8);
    await kafka.stop(mode);
    await waitFor('it has noticed', 20_000, () => {
      return timesLogged(relay, 'starting again from the fence') >= 4;
    });
    expect(batches()).toBeLessThan(60);
    await kafka.start();
    await expectPublishedOnce(stage, ids);
    await expectNoAttempts(ids);
  },
  120_000,
);

test('a relay that starts while Kafka is away waits for it', async () => {
  await kafka.stop('immediate');
  const ids = await schedule(stage, { count: 50 });
  const relay = stage.relay();
  await waitFor('it tries', 20_000, () => timesLogged(relay, 'not started yet') > 0);
  await kafka.start();
  await expectPublishedOnce(stage, ids);
}, 120_000);
