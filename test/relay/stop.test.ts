import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { untilReady, untilStopped } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('stop');
});

afterEach(() => stage?.killRelays());

afterAll(() => stage?.close());

// A long lease, so that lanes that are free were given up and not lost.
const settings = { BATCH_EVENTS: '20', LEASE_SECONDS: '60' };

test('SIGTERM in mid-burst: exit 0 within 10 s, no open batch, lanes free at once, every event once', async () => {
  const ids = await schedule(stage, { count: 2_000 });
  const relay = stage.relay({ settings });
  await waitFor(
    'it is busy',
    20_000,
    () => relay.steps.filter((s) => s === 'confirmed').length > 8,
  );
  const asked = performance.now();
  expect(await relay.stop()).toEqual({ code: 0, signal: null });
  expect(performance.now() - asked).toBeLessThan(10_000);
  const lanes = await query(
    stage.database.url,
    'select relay, lease_until, batch_id from scheduler.lanes',
  );
  expect(lanes).toEqual(Array(4).fill({ relay: null, lease_until: null, batch_id: null }));
  const [left] = await query<{ count: number }>(
    stage.database.url,
    `select count(*)::integer from scheduler_private.events where status = 'SCHEDULED'`,
  );
  expect(left?.count).toBeGreaterThan(0);
  const next = stage.relay({ settings });
  await expectPublishedOnce(stage, ids, 20_000);
  await next.stop();
});

test('SIGTERM while a stranger’s row lock holds a confirm: ends within 10 s, and nothing is lost or repeated', async () => {
  const ids = await schedule(stage, { count: 20, key: 'one lane' });
  const short = { ...settings, LEASE_SECONDS: '1' };
  const relay = stage.relay({ settings: short, stopAt: 'claimed' });
  await untilStopped(relay);
  const dba = new pg.Client({ connectionString: stage.database.url });
  await dba.connect();
  try {
    await dba.query('begin');
    await dba.query('select from scheduler_private.events where id = $1 for update', [ids[3]]);
    relay.kill('SIGCONT');
    await waitFor('it is committed', 20_000, () => relay.steps.includes('committed'));
    const asked = performance.now();
    const { code } = await relay.stop();
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(code).toBe(0);
  } finally {
    await dba.end();
  }
  await untilReady(stage.relay({ settings: short }));
  await expectPublishedOnce(stage, ids);
});

test('SIGTERM of an idle relay and of one that has not started yet: exit 0', async () => {
  const relay = stage.relay({ settings });
  await untilReady(relay);
  expect(await relay.stop()).toEqual({ code: 0, signal: null });
  const nowhere = stage.relay({ kafkaBrokers: ['127.0.0.1:1'] });
  await waitFor('it tries', 20_000, () => nowhere.log.some((l) => l.includes('not started yet')));
  expect(await nowhere.stop()).toEqual({ code: 0, signal: null });
});
