import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { untilStopped } from '../../harness/relay.ts';
import { timesSeen } from '../../harness/stage.ts';
import type { Held } from './interceptor.ts';
import { valueIn } from './postgres-dialogue.ts';
import { LARGE, makeTopic } from './refusing-topic.ts';
import {
  type Actor,
  cancel,
  expectAllWell,
  expectSound,
  laneOf,
  openBatch,
  type Scene,
  setScene,
  times,
  until,
  untilGivenUp,
} from './scene.ts';

/** A relay that has lost the lane and wakes at the worst moment: protocol.md, steps 1, 2 and 4. */

let scene: Scene;

beforeAll(async () => {
  scene = await setScene('fences', '1 minute');
});

afterEach((test) => scene?.tidy(test));

afterAll(() => scene?.close());

/** A relay that has checked its fence and is about to init; nothing is open, an event is due. */
async function aboutToInit(relay: Actor): Promise<[Held, string[]]> {
  const claim = relay.postgres.hold('claim');
  const init = relay.kafka.hold('InitProducerId');
  const ids = await scene.schedule();
  await claim.sent();
  claim.cut();
  await init.sent();
  return [init, ids];
}

/** The same with a batch in its memory, of which nothing was sent. */
async function aboutToInitAgain(relay: Actor, bytes?: number): Promise<[Held, string[]]> {
  const produce = relay.kafka.hold('Produce');
  const init = relay.kafka.hold('InitProducerId');
  const ids = await scene.schedule(1, bytes);
  await produce.sent();
  produce.cut();
  await init.sent();
  return [init, ids];
}

/** It fenced the owner, and read the ledger; then it was refused: neither resolved nor claimed. */
async function expectRefusedAtRead(zombie: Actor): Promise<void> {
  await untilGivenUp(zombie);
  const init = zombie.steps.lastIndexOf('init');
  expect(zombie.steps.slice(init)).toEqual(['init', 'barrier', 'ledger-read']);
}

test('a zombie that inits behind its heir’s ledger read is refused at the read of the lane, and claims nothing', async () => {
  const zombie = await scene.idle();
  const heir = await scene.prepare();
  const [init, ids] = await aboutToInit(zombie);
  const barrier = heir.kafka.hold('EndTxn');
  await scene.handOver(heir);
  await barrier.sent();
  const look = heir.kafka.hold('OffsetFetch');
  await barrier.arrive();
  await look.sent();
  // Its token shows, and the answer is on its way when the zombie inits.
  const read = heir.postgres.hold('read_lane');
  await look.arrive();
  await read.sent();

  await init.arrive();
  await expectRefusedAtRead(zombie);
  expect((await laneOf(scene)).batch).toBeNull();

  await read.arrive();
  await expectAllWell(scene, ids);
  // Its first producer was fenced by the zombie.
  expect(times(heir, 'init')).toBe(2);
});

test('a zombie that has read the ledger before its heir published does not judge the heir’s batch by it', async () => {
  await scene.clear();
  const zombie = await scene.enter({ stopAt: 'ledger-read' });
  await untilStopped(zombie);
  const heir = await scene.enter();
  await until(heir, 'claiming');
  const [first] = await scene.schedule();
  await until(heir, 'confirmed');
  const produce = heir.kafka.hold('Produce');
  const [second] = await scene.schedule();
  await produce.sent();
  const batch = await openBatch(scene);

  zombie.kill('SIGCONT');
  await expectRefusedAtRead(zombie);
  expect(await openBatch(scene)).toBe(batch);
  await produce.arrive();
  await expectAllWell(scene, [first as string, second as string]);
  expect(times(heir, 'init')).toBe(1);
});

test('a zombie does not go by the batch that it remembers: its heir discarded it and published its events', async () => {
  const zombie = await scene.idle();
  const heir = await scene.prepare();
  const [init, ids] = await aboutToInitAgain(zombie);
  const former = await openBatch(scene);
  const confirm = heir.postgres.hold('confirm');
  await scene.handOver(heir);
  await confirm.sent();
  expect(await openBatch(scene)).not.toBe(former);

  await init.arrive();
  await expectRefusedAtRead(zombie);
  expect(valueIn(await confirm.arrive())).toBe('t');
  await expectAllWell(scene, [...ids, ...(await scene.schedule())]);
  expect(times(heir, 'init')).toBe(2);
});

test('a zombie does not go by the batch that it remembers: its heir is rejecting its event', async () => {
  await makeTopic(scene, 'strict');
  const zombie = await scene.idle();
  const heir = await scene.prepare();
  const [init, ids] = await aboutToInitAgain(zombie, LARGE);
  const reject = heir.postgres.hold('reject');
  await scene.handOver(heir);
  await reject.sent();

  await makeTopic(scene, 'generous');
  await init.arrive();
  await expectRefusedAtRead(zombie);
  expect(valueIn(await reject.arrive())).toBeNull();
  expect(await cancel(scene, ids[0])).toBe('CANCELED');
  await expectSound(scene, ids, 1);
  await expectAllWell(scene, await scene.schedule());
  expect(timesSeen(scene).has(ids[0] as string)).toBe(false);
});

test('a zombie whose token was overwritten asks for the fence before it inits again, and lets the heir live', async () => {
  const zombie = await scene.idle();
  const heir = await scene.prepare();
  const [init, ids] = await aboutToInit(zombie);
  const barrier = zombie.kafka.hold('EndTxn');
  await scene.handOver(heir);
  await until(heir, 'confirmed');
  await init.arrive();
  await barrier.sent();
  const look = zombie.kafka.hold('OffsetFetch');
  await barrier.arrive();
  await look.sent();
  // Fenced by the zombie, the heir inits again and overwrites its token.
  ids.push(...(await scene.schedule()));
  await until(heir, 'confirmed', 2);
  expect(times(heir, 'init')).toBe(2);

  await look.arrive();
  await untilGivenUp(zombie);
  expect([times(zombie, 'init'), times(zombie, 'ledger-read')]).toEqual([1, 0]);
  await expectAllWell(scene, ids);
  await expectAllWell(scene, await scene.schedule());
  expect(times(heir, 'init')).toBe(2);
});
