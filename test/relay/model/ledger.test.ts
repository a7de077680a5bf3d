import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../../local/wait.ts';
import type { Freeze } from './interceptor.ts';
import { errorIn, FENCED } from './kafka-dialogue.ts';
import { LARGE, makeTopic } from './refusing-topic.ts';
import {
  cancel,
  expectAllWell,
  laneOf,
  openBatch,
  type Scene,
  setScene,
  times,
  until,
  untilGivenUp,
  untilSaid,
} from './scene.ts';

/** What the ledger is believed of: protocol.md, steps 2 to 4. */

let scene: Scene;

beforeAll(async () => {
  scene = await setScene('ledger', '200 milliseconds');
});

afterEach((test) => scene?.tidy(test));

afterAll(() => scene?.close());

const IN_FLIGHT = 'SC042';
const CONFIRMED = 'the ledger has the open batch: confirmed';

/** The group coordinator shows what it showed before: to ask again and again changes nothing. */
async function expectNotBelieved(old: Freeze, id: string | undefined): Promise<void> {
  const batch = await openBatch(scene);
  await waitFor('the old entry was shown', 10_000, () => old.times >= 5);
  expect(await openBatch(scene)).toBe(batch);
  expect(await cancel(scene, id)).toBe(IN_FLIGHT);
}

test('after a lost answer the former barrier’s token does not vouch for an old ledger entry', async () => {
  // One whose token shows: its own first barrier's.
  const relay = await scene.enter();
  await until(relay, 'claiming');
  const lost = relay.kafka.loseAnswer('EndTxn');
  const old = relay.kafka.freeze('OffsetFetch');
  const ids = await scene.schedule();
  expect(errorIn(await lost, 'EndTxn')).toBe(0);
  await until(relay, 'barrier', 2);

  await expectNotBelieved(old, ids[0]);
  old.end();
  await untilSaid(relay, CONFIRMED);
  await expectAllWell(scene, ids);
  expect([times(relay, 'claimed'), times(relay, 'init')]).toEqual([1, 2]);
});

test('an entry that shows no later than another’s token is not believed after a takeover', async () => {
  const former = await scene.enter();
  await until(former, 'claiming');
  const heir = await scene.prepare({ ...(await scene.between()), kafka: former.kafka });
  const commit = former.kafka.hold('EndTxn');
  const ids = await scene.schedule();
  await commit.sent();
  const old = former.kafka.freeze('OffsetFetch');
  const init = heir.kafka.hold('InitProducerId');
  await scene.handOver(heir);
  await init.sent();
  expect(errorIn(await commit.arrive(), 'EndTxn')).toBe(0);
  await untilGivenUp(former);
  await init.arrive();
  await until(heir, 'barrier');

  await expectNotBelieved(old, ids[0]);
  old.end();
  await untilSaid(heir, CONFIRMED);
  await expectAllWell(scene, ids);
  expect(times(heir, 'claimed')).toBe(0);
});

test('nothing is read or resolved before the former owner is fenced: until then it may commit', async () => {
  const former = await scene.idle();
  const heir = await scene.prepare();
  const commit = former.kafka.hold('EndTxn');
  const ids = await scene.schedule();
  await commit.sent();
  const batch = await openBatch(scene);
  const init = heir.kafka.hold('InitProducerId');
  await scene.handOver(heir);
  await init.sent();
  // Whoever decided before init has decided by now, and wrong.
  expect(await openBatch(scene)).toBe(batch);
  expect(errorIn(await commit.arrive(), 'EndTxn')).toBe(0);
  await untilGivenUp(former);
  await init.arrive();
  await untilSaid(heir, CONFIRMED);
  await expectAllWell(scene, ids);
  expect(times(heir, 'claimed')).toBe(0);
});

test('once the former owner is fenced its commit comes too late', async () => {
  const former = await scene.idle();
  const heir = await scene.prepare();
  const commit = former.kafka.hold('EndTxn');
  const ids = await scene.schedule();
  await commit.sent();
  const produce = heir.kafka.hold('Produce');
  await scene.handOver(heir);
  // With a transaction of its own, which the late commit must not end.
  await produce.sent();
  expect(FENCED).toContain(errorIn(await commit.arrive(), 'EndTxn'));
  await untilGivenUp(former);
  await produce.arrive();
  await expectAllWell(scene, ids);
});

test('a batch has an id of its own: after a refused and a lost one the ledger’s is none of theirs', async () => {
  const relay = await scene.idle();
  const { last_confirmed } = await laneOf(scene);
  await makeTopic(scene, 'strict');
  const reject = relay.postgres.hold('reject');
  const ids = await scene.schedule(1, LARGE);
  await reject.sent();
  const refused = await openBatch(scene);
  await makeTopic(scene, 'generous');
  const produce = relay.kafka.hold('Produce');
  await reject.arrive();
  await produce.sent();
  const lost = await openBatch(scene);
  produce.cut();
  await expectAllWell(scene, ids, 1);
  const { last_confirmed: published } = await laneOf(scene);
  expect(new Set([last_confirmed, refused, lost, published]).size).toBe(4);
  expect(relay.log.join('\n')).not.toContain(CONFIRMED);
});
