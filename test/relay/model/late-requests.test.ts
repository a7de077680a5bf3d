import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Held } from './interceptor.ts';
import { valueIn } from './postgres-dialogue.ts';
import { LARGE, makeTopic } from './refusing-topic.ts';
import {
  type Actor,
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

/** Requests to Postgres whose answer is lost and that take effect later: protocol.md, steps 5 to 7. */

let scene: Scene;

beforeAll(async () => {
  scene = await setScene('late-requests', '1 minute');
});

afterEach((test) => scene?.tidy(test));

afterAll(() => scene?.close());

const IN_FLIGHT = 'SC042';
const FENCE_LOST = 'SC060';
const BATCH_OPEN = 'SC061';

/** What brings a relay to the point at which it says so about its batch. @returns the events */
const causes: Record<string, (relay: Actor, held: Held) => Promise<string[]>> = {
  confirm: async (_relay, held) => {
    const ids = await scene.schedule();
    await held.sent();
    return [...ids, ...(await scene.schedule())];
  },
  discard: async (relay, held) => {
    const produce = relay.kafka.hold('Produce');
    const ids = await scene.schedule();
    await produce.sent();
    produce.cut();
    await held.sent();
    return ids;
  },
  reject: (_relay, held) => refused(1, held),
  narrow: (_relay, held) => refused(2, held),
};

/** Events that the broker refuses, and takes by the time that something is held. */
async function refused(count: number, held: Held): Promise<string[]> {
  await makeTopic(scene, 'strict');
  const ids = await scene.schedule(count, LARGE);
  await held.sent();
  await makeTopic(scene, 'generous');
  return ids;
}

const kinds = Object.entries(causes);

test.each(kinds)(
  'a late %s names a batch that is resolved and leaves the next one alone, under the same fence',
  async (kind, cause) => {
    const relay = await scene.idle();
    const late = relay.postgres.hold(kind);
    const ids = await cause(relay, late);
    const former = await openBatch(scene);
    const produce = relay.kafka.hold('Produce');
    late.cut();
    await produce.sent();
    const batch = await openBatch(scene);
    expect(batch).not.toBe(former);

    expect([null, 'f']).toContain(valueIn(await late.arrive()));
    expect(await openBatch(scene)).toBe(batch);
    expect(await cancel(scene, ids.at(-1))).toBe(IN_FLIGHT);
    await produce.arrive();
    await expectAllWell(scene, ids);
  },
);

test.each(kinds)(
  'a %s of a relay that lost the lane meanwhile is refused, and it gives the lane up',
  async (kind, cause) => {
    const zombie = await scene.idle();
    const late = zombie.postgres.hold(kind);
    const ids = await cause(zombie, late);
    const former = await openBatch(scene);
    const between = await scene.between();
    const produce = between.kafka.hold('Produce');
    await scene.enter({}, between);
    await produce.sent();
    const batch = await openBatch(scene);
    expect(batch).not.toBe(former);

    expect(valueIn(await late.arrive())).toBe(FENCE_LOST);
    await untilGivenUp(zombie);
    expect(await openBatch(scene)).toBe(batch);
    expect(await cancel(scene, ids.at(-1))).toBe(IN_FLIGHT);
    await produce.arrive();
    await expectAllWell(scene, ids);
  },
);

test('a late claim is refused while a batch is open', async () => {
  const relay = await scene.idle();
  const late = relay.postgres.hold('claim');
  const ids = await scene.schedule(2);
  await late.sent();
  const produce = relay.kafka.hold('Produce');
  late.cut();
  await produce.sent();
  const batch = await openBatch(scene);

  expect(valueIn(await late.arrive())).toBe(BATCH_OPEN);
  expect(await openBatch(scene)).toBe(batch);
  await produce.arrive();
  await expectAllWell(scene, ids);
});

test('a late claim opens a batch that nobody knows: the next claim finds it, it is resolved from the fence on', async () => {
  const relay = await scene.idle();
  const late = relay.postgres.hold('claim');
  const ids = await scene.schedule();
  await late.sent();
  const next = relay.postgres.hold('claim');
  late.cut();
  await next.sent();
  const unknown = valueIn(await late.arrive());
  expect(await openBatch(scene)).toBe(unknown);

  expect(valueIn(await next.arrive())).toBe(BATCH_OPEN);
  await untilSaid(relay, 'the open batch was not published: discarded');
  await expectAllWell(scene, ids);
  expect((await laneOf(scene)).last_confirmed).not.toBe(unknown);
});

test('a claim whose answer is lost is never answered again: its batch is discarded, its event claimed afresh', async () => {
  await scene.clear();
  const ids = await scene.schedule();
  const between = await scene.between();
  const lost = between.postgres.loseAnswer('claim');
  const relay = await scene.enter({}, between);
  const former = valueIn(await lost);
  await untilSaid(relay, 'the open batch was not published: discarded');
  await expectAllWell(scene, ids);
  expect(former).toMatch(/^[0-9a-f-]{36}$/);
  expect((await laneOf(scene)).last_confirmed).not.toBe(former);
});

test('after a confirm whose answer is lost the batch is closed and is not published again', async () => {
  const relay = await scene.idle();
  const lost = relay.postgres.loseAnswer('confirm');
  const ids = await scene.schedule();
  expect(valueIn(await lost)).toBe('t');
  await until(relay, 'ledger-read');
  await expectAllWell(scene, ids);
  expect(times(relay, 'claimed')).toBe(1);
});
