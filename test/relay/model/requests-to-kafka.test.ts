import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Api } from '../../kafka/proxy.ts';
import { errorIn, FENCED } from './kafka-dialogue.ts';
import { cancel, expectAllWell, openBatch, type Scene, setScene, times, until } from './scene.ts';

/** Requests to Kafka of which the relay hears nothing: protocol.md, steps 5 and 6. */

let scene: Scene;

beforeAll(async () => {
  scene = await setScene('requests-to-kafka', '1 minute');
});

afterEach((test) => scene?.tidy(test));

afterAll(() => scene?.close());

const requests: Api[] = [
  'AddOffsetsToTxn',
  'TxnOffsetCommit',
  'AddPartitionsToTxn',
  'Produce',
  'EndTxn',
];

test.each(requests)(
  'after a %s without an answer the batch is given up and its events go out afresh; the request is refused when it arrives',
  async (api) => {
    const relay = await scene.idle();
    const late = relay.kafka.hold(api);
    const ids = await scene.schedule();
    await late.sent();
    // All but the records is with Kafka: in a transaction of its own it would be committed.
    if (api === 'Produce') await until(relay, 'ledger-entry');
    const former = await openBatch(scene);
    // The next transaction is open when the request of the former one arrives.
    const claim = relay.postgres.hold('claim');
    late.cut();
    await claim.sent();
    const commit = relay.kafka.hold('EndTxn');
    await claim.arrive();
    await commit.sent();
    const batch = await openBatch(scene);
    expect(batch).not.toBe(former);

    expect(FENCED).toContain(errorIn(await late.arrive(), api));
    expect(await cancel(scene, ids[0])).toBe('SC042');
    expect(errorIn(await commit.arrive(), 'EndTxn')).toBe(0);
    await expectAllWell(scene, ids);
    await expectAllWell(scene, await scene.schedule());
    expect([times(relay, 'init'), times(relay, 'committed')]).toEqual([1, 2]);
  },
);

test('after a request whose answer is lost the ledger tells, and no attempt is counted', async () => {
  const relay = await scene.idle();
  const all: string[] = [];
  for (const [index, api] of requests.entries()) {
    const lost = relay.kafka.loseAnswer(api);
    const ids = await scene.schedule();
    expect(errorIn(await lost, api)).toBe(0);
    await until(relay, 'ledger-read', index + 1);
    await expectAllWell(scene, ids);
    all.push(...ids);
  }
  await expectAllWell(scene, all);
  // Of the last one the answer to the commit was lost: it was not published again.
  expect(times(relay, 'claimed')).toBe(2 * requests.length - 1);
});
