import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { copyOf } from '../harness/copies.ts';
import { query, type TestDatabase } from '../harness/database.ts';
import {
  expectOnTopicsOnce,
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  timesSeen,
} from '../harness/stage.ts';

let stage: Stage;
const copies: TestDatabase[] = [];

beforeAll(async () => {
  stage = await setStage('copies');
  await publishSome(stage, 100);
});

afterAll(async () => {
  await stage?.killRelays();
  for (const copy of copies) await copy.drop();
  await stage?.close();
});

async function publishSome(on: Stage, count: number): Promise<void> {
  const ids = await schedule(on, { count });
  const relay = on.relay(inDatabase(on));
  await expectPublishedOnce(on, ids);
  await relay.stop();
}

const inDatabase = ({ database, deployment }: Stage) => ({
  relayUrl: database.relayUrl,
  deployment,
});

/** The same stage with a copy of the database, as a restored backup is one. */
async function copy(): Promise<Stage> {
  const database = await copyOf(stage.database);
  copies.push(database);
  return { ...stage, database };
}

test('a relay with another DEPLOYMENT than the database’s refuses to start, and names the setting', async () => {
  const relay = stage.relay({ deployment: `other-${randomUUID()}` });
  expect(await relay.exited).toEqual({ code: 1, signal: null });
  expect(relay.log.join('\n')).toContain(stage.deployment);
  expect(relay.log.join('\n')).toContain('DEPLOYMENT');
  expect(relay.steps).toEqual([]);
});

test('a relay on another Kafka cluster than the database’s refuses to start, and names the setting', async () => {
  const copied = await copy();
  await query(
    copied.database.url,
    `update scheduler_private.deployment set kafka_cluster_id = 'another'`,
  );
  const relay = copied.relay(inDatabase(copied));
  expect(await relay.exited).toEqual({ code: 1, signal: null });
  expect(relay.log.join('\n')).toContain('cluster another');
  expect(relay.log.join('\n')).toContain('KAFKA_BROKERS');
});

test('a copy that was adopted under a name of its own keeps apart from the original, both at work', async () => {
  const copied = { ...(await copy()), deployment: `copy-${randomUUID()}` };
  await query(
    copied.database.url,
    `select scheduler.adopt_deployment($1, (select kafka_cluster_id from scheduler_private.deployment))`,
    [copied.deployment],
  );
  const relays = [stage.relay(), copied.relay(inDatabase(copied))];
  const original = await schedule(stage, { count: 200 });
  const others = await schedule(copied, { count: 200 });
  await expectPublishedOnce(stage, original);
  await expectPublishedOnce(copied, others);
  await expectOnTopicsOnce(stage, [...original, ...others]);
  await Promise.all(relays.map((relay) => relay.stop()));
});

test('a copy under the same name whose ledger has moved on is quarantined and publishes nothing until an operator decides', async () => {
  const copied = await copy();
  await publishSome(stage, 100);
  const ids = await schedule(copied, { count: 100 });
  const relay = copied.relay(inDatabase(copied));
  const reasons = await waitFor('every lane is quarantined', 20_000, async () => {
    const lanes = await query<{ quarantine_reason: string | null }>(
      copied.database.url,
      'select quarantine_reason from scheduler.lanes',
    );
    return lanes.every((lane) => lane.quarantine_reason !== null) && lanes;
  });
  expect(reasons[0]?.quarantine_reason).toContain('the ledger shows batch');
  await stage.reader.drain();
  const seen = timesSeen(stage);
  expect(ids.filter((id) => seen.has(id))).toEqual([]);
  expect(relay.steps).not.toContain('claimed');

  await query(
    copied.database.url,
    `select scheduler.resolve_quarantine(lane, 'discard') from scheduler.lanes`,
  );
  await expectPublishedOnce(copied, ids);
  await relay.stop();
});
