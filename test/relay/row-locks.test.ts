import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { testApi } from '../api/harness.ts';
import { query } from '../harness/database.ts';
import { untilReady, untilStopped } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

let stage: Stage;
let dba: pg.Client;

beforeAll(async () => {
  stage = await setStage('row-locks');
  dba = new pg.Client({ connectionString: stage.database.url });
  await dba.connect();
});

afterEach(async () => {
  await dba?.query('rollback');
  await stage?.killRelays();
});

afterAll(async () => {
  await dba?.end();
  await stage?.close();
});

test.each([
  ['select … for update', 'select from scheduler_private.events where id = $1 for update'],
  ['uncommitted update', `update scheduler_private.events set status = 'CANCELED' where id = $1`],
])(
  'an open %s of a due event holds back that one only: the others of its lane flow',
  async (_name, sql) => {
    const ids = await schedule(stage, { count: 60, key: 'one lane' });
    const [held = '', ...others] = ids;
    await dba.query('begin');
    await dba.query(sql, [held]);
    const relay = stage.relay();
    await untilReady(relay);
    await expectPublishedOnce(stage, others);
    expect(await statesOf(stage, [held])).toMatchObject([{ status: 'SCHEDULED', retry: 0 }]);
    // It looks again and again, but does not spin: some 20 times a second.
    const before = await transactions();
    await dba.query('select pg_sleep(1)');
    expect((await transactions()) - before).toBeLessThan(150);
    await dba.query('rollback');
    await expectPublishedOnce(stage, [held]);
  },
);

/** Transactions of this database so far; counted with a delay of a second. */
async function transactions(): Promise<number> {
  const [row] = await query<{ count: number }>(
    stage.database.url,
    'select xact_commit::integer as count from pg_stat_database where datname = current_database()',
  );
  return row?.count ?? 0;
}

test('a lock that was taken after the claim holds its lane at the confirm, is named, and lets the other lanes flow', async () => {
  const claimed = await schedule(stage, { count: 30, key: 'one lane' });
  const relay = stage.relay({ settings: { LEASE_SECONDS: '30' }, stopAt: 'claimed' });
  await untilStopped(relay);
  const { rows } = await dba.query('select pg_backend_pid() as pid');
  await dba.query('begin');
  await dba.query('select from scheduler_private.events where id = $1 for update', [claimed[7]]);
  relay.kill('SIGCONT');

  const blocked = await waitFor('the blocker is named', 20_000, async () => {
    const lanes = await query<{ lane: number; blocked_by_pids: number[] | null }>(
      stage.database.url,
      'select lane, blocked_by_pids from scheduler.lanes where blocked_by_pids is not null',
    );
    return lanes.length > 0 && lanes;
  });
  const blockers = { lane: blocked[0]?.lane, blockedByPids: [rows[0].pid] };
  expect(blocked).toMatchObject([{ blocked_by_pids: blockers.blockedByPids }]);
  const api = await testApi({ database: stage.database });
  try {
    const health = await api.request('GET', '/health/ready');
    expect([health.status, health.json.lanes]).toEqual([200, [expect.objectContaining(blockers)]]);
  } finally {
    await api.close();
  }
  const elsewhere = await query<{ id: string }>(
    stage.database.url,
    'select id from scheduler_private.events where id = any ($1) and lane <> $2',
    [await schedule(stage, { count: 100 }), blocked[0]?.lane],
  );
  expect(elsewhere.length).toBeGreaterThan(0);
  await expectPublishedOnce(
    stage,
    elsewhere.map(({ id }) => id),
  );
  const held = await statesOf(stage, claimed);
  expect(held.filter(({ status }) => status !== 'SCHEDULED')).toEqual([]);

  await dba.query('rollback');
  await expectPublishedOnce(stage, claimed);
});
