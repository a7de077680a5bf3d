import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { LaneLostError } from '../../relay/kafka/errors.ts';
import { openPublisher } from '../../relay/kafka/exactly-once.ts';
import { type Reader, readTopics, testTopic } from '../harness/kafka.ts';
import { failureOf, type Lanes, record, testLanes } from './lanes.ts';

const brokers = inject('kafkaBrokers');
let lanes: Lanes;
let topic: string;
let reader: Reader;

beforeAll(async () => {
  lanes = await testLanes(brokers);
  topic = await testTopic(brokers, { partitions: 1 });
  reader = await readTopics(brokers, [topic]);
});

afterAll(async () => {
  await reader?.close();
  await lanes?.closeAll();
});

/** What a read_committed consumer has got when it has got to the given key. */
async function seenUpTo(key: string): Promise<(string | null)[]> {
  const keys = () => reader.messages.map((message) => message.key);
  await waitFor(`${key} arrives`, 10_000, () => keys().includes(key));
  return keys();
}

const FENCED = { class: 'producer-dead', code: expect.stringMatching(/fenced|epoch|mapping/) };

test('a second publisher of a lane fences the first at once', async () => {
  const first = await lanes.open(0);
  await first.publisher.publish(randomUUID(), [record(topic, 'by the first')]);
  const second = await lanes.open(0);
  const failure = await failureOf(
    first.publisher.publish(randomUUID(), [record(topic, 'by the fenced one')]),
  );
  expect(failure).toMatchObject(FENCED);
  await second.publisher.publish(randomUUID(), [record(topic, 'by the second')]);
  const seen = await seenUpTo('by the second');
  expect(seen).toContain('by the first');
  expect(seen).not.toContain('by the fenced one');
});

test('a publisher that is fenced just before its commit commits nothing', async () => {
  const first = await lanes.open(1);
  const before = randomUUID();
  await first.publisher.seed(before);
  let second: Awaited<ReturnType<Lanes['open']>> | undefined;
  const publishing = first.publisher.publish(
    randomUUID(),
    [record(topic, 'too late')],
    async () => {
      second = await lanes.open(1);
    },
  );
  expect(await failureOf(publishing)).toMatchObject(FENCED);
  expect(second?.ledger).toBe(before);
  await second?.publisher.publish(randomUUID(), [record(topic, 'in time')]);
  expect(await seenUpTo('in time')).not.toContain('too late');
});

test('lanes do not fence each other, nor do equal lanes of two deployments', async () => {
  const other = await testLanes(brokers);
  const [a, b, c] = await Promise.all([lanes.open(2), lanes.open(3), other.open(2)]);
  for (const [i, { publisher }] of [a, b, c, a, b, c].entries()) {
    await publisher.publish(randomUUID(), [record(topic, `side by side ${i}`)]);
  }
  await other.closeAll();
  expect(await seenUpTo('side by side 5')).toContain('side by side 0');
});

test('whose fence is old gives the lane up without fencing its owner', async () => {
  const owner = await lanes.open(4);
  const steps: string[] = [];
  const deps = lanes.deps({ onStep: (step) => void steps.push(step) });
  const late = openPublisher(deps, { lane: 4, stillOwner: async () => false });
  await expect(late).rejects.toBeInstanceOf(LaneLostError);
  expect(steps).toEqual([]);
  await owner.publisher.publish(randomUUID(), [record(topic, 'still the owner')]);
});

/** A transaction that a crashed owner of the lane has left open. */
async function leaveOpen(lane: number): Promise<void> {
  const { publisher } = await lanes.open(lane);
  const crash = () => publisher.close();
  await failureOf(publisher.publish(randomUUID(), [record(topic, 'left open')], crash));
}

test('while the broker aborts the former transaction, the fence is asked before every init', async () => {
  await leaveOpen(10);
  const steps: string[] = [];
  const deps = lanes.deps({ onStep: (step) => void steps.push(step) });
  const stillOwner = async () => steps.push('asked') > 0;
  const { publisher } = await openPublisher(deps, { lane: 10, stillOwner });
  expect(steps.filter((step) => step === 'asked').length).toBeGreaterThan(1);
  expect(steps.filter((step) => step !== 'asked')).toEqual(['init', 'barrier', 'ledger-read']);
  await publisher.close();
});

test('a fence that is lost while the broker aborts gives the lane up, without another init', async () => {
  await leaveOpen(11);
  const answers = [true, false, true];
  const steps: string[] = [];
  const deps = lanes.deps({ onStep: (step) => void steps.push(step) });
  const stillOwner = async () => answers.shift() ?? true;
  const opening = openPublisher(deps, { lane: 11, stillOwner });
  await expect(opening).rejects.toBeInstanceOf(LaneLostError);
  expect(steps).toEqual([]);
  expect(answers).toEqual([true]);
});

test("another's token in place of ours: the fence is asked again, and the lane given up", async () => {
  const answers = [true, false];
  const asked: boolean[] = [];
  const deps = lanes.deps({
    onStep: async (step) => {
      if (step === 'barrier') await lanes.open(5);
    },
  });
  const stillOwner = async () => {
    asked.push(answers[asked.length] as boolean);
    return asked.at(-1) as boolean;
  };
  await expect(openPublisher(deps, { lane: 5, stillOwner })).rejects.toBeInstanceOf(LaneLostError);
  expect(asked).toEqual([true, false]);
});

test("another's token in place of ours, and the fence still ours: inits again and reads behind its own", async () => {
  const last = randomUUID();
  const steps: string[] = [];
  const begun = performance.now();
  const { publisher, ledger } = await lanes.open(6, {
    onStep: async (step) => {
      steps.push(step);
      if (steps.length !== 2) return;
      const other = await lanes.open(6);
      await other.publisher.seed(last);
    },
  });
  expect(steps).toEqual(['init', 'barrier', 'init', 'barrier', 'ledger-read']);
  expect(ledger).toBe(last);
  // At once: what shows is not the token from before the barrier, so ours is not waited for (3 s).
  expect(performance.now() - begun).toBeLessThan(2_500);
  await publisher.publish(randomUUID(), [record(topic, 'got it back')]);
});

test('a publisher that is fenced between its init and its barrier reads no ledger', async () => {
  const deps = lanes.deps({
    onStep: async (step) => {
      if (step === 'init') await lanes.open(7);
    },
  });
  const opening = openPublisher(deps, { lane: 7, stillOwner: async () => true });
  expect(await failureOf(opening)).toMatchObject(FENCED);
});

test("stillOwner's own error comes back as it was", async () => {
  const mine = new Error('postgres is away');
  const stillOwner = () => Promise.reject(mine);
  await expect(openPublisher(lanes.deps(), { lane: 8, stillOwner })).rejects.toBe(mine);
});

test('an aborted signal ends the opening, and nothing is published by it', async () => {
  const abort = new AbortController();
  const stillOwner = async () => {
    abort.abort();
    return true;
  };
  const opening = openPublisher(lanes.deps(), { lane: 9, stillOwner, signal: abort.signal });
  expect(await failureOf(opening)).toMatchObject({ class: 'transient' });
  const never = openPublisher(lanes.deps(), { lane: 9, stillOwner, signal: AbortSignal.abort() });
  await expect(never).rejects.toThrow();
});
