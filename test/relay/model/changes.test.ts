import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../../local/wait.ts';
import { query } from '../../harness/database.ts';
import { timesSeen } from '../../harness/stage.ts';
import { cancel, expectAllWell, openBatch, type Scene, setScene, times, until } from './scene.ts';

/** Changes and cancels between the steps of a relay: protocol.md, "Changes and cancels". */

let scene: Scene;
let dba: pg.Client;

beforeAll(async () => {
  scene = await setScene('changes', '1 minute');
  dba = new pg.Client({ connectionString: scene.database.url });
  await dba.connect();
});

afterEach(async (test) => {
  await dba?.query('rollback');
  await scene?.tidy(test);
});

afterAll(async () => {
  await dba?.end();
  await scene?.close();
});

const IN_FLIGHT = 'SC042';

test.each(['claimed', 'sent', 'committed'] as const)(
  'the event of a relay that died at %s cannot be cancelled while nobody has the lane',
  async (killAt) => {
    await scene.clear();
    const relay = await scene.enter({ killAt });
    const ids = await scene.schedule();
    expect((await relay.exited).signal).toBe('SIGKILL');
    await query(
      scene.database.url,
      `update scheduler_private.lanes set relay_id = null, lease_until = null`,
    );
    await openBatch(scene);
    expect(await cancel(scene, ids[0])).toBe(IN_FLIGHT);
    await scene.enter();
    await expectAllWell(scene, ids);
  },
);

test('a cancel that was under way before the claim is passed over by it and never on the topic', async () => {
  await scene.clear();
  const [canceled = ''] = await scene.schedule();
  await dba.query('begin');
  await dba.query('select scheduler.cancel_event($1)', [canceled]);
  await scene.enter();
  await expectAllWell(scene, await scene.schedule());
  // Passed over, not only by the first claim.
  await expectAllWell(scene, await scene.schedule());
  await dba.query('commit');
  await expectAllWell(scene, await scene.schedule());
  expect(timesSeen(scene).has(canceled)).toBe(false);
});

test('a cancel behind a claim that is not committed yet sees its batch', async () => {
  await dba.query(
    `create function scheduler_private.wait() returns trigger language plpgsql as $$
     begin perform pg_advisory_xact_lock_shared(1); return null; end $$`,
  );
  await dba.query(
    `create trigger wait after insert on scheduler_private.batches
     for each row execute function scheduler_private.wait()`,
  );
  try {
    await dba.query('select pg_advisory_lock(1)');
    await scene.idle();
    const ids = await scene.schedule();
    await untilWaiting(`wait_event = 'advisory'`);
    const answer = cancel(scene, ids[0]);
    await untilWaiting(`wait_event = 'transactionid'`);
    await dba.query('select pg_advisory_unlock(1)');
    expect(await answer).toBe(IN_FLIGHT);
    await expectAllWell(scene, ids);
  } finally {
    await dba.query('select pg_advisory_unlock_all()');
    await dba.query('drop function scheduler_private.wait() cascade');
  }
});

const changes = {
  change: `select from scheduler.replace_event($1, row(null, '2022-03-09T17:43:00Z', null, 'changed',
    $2, null, null, null, null, null, null, 'one lane', null)::scheduler.event_input)`,
  cancel: 'select from scheduler.cancel_event($1) where $2::text is not null',
};

test.each(Object.entries(changes))(
  'a %s between the snapshot of a claim and its row locks counts',
  async (name, sql) => {
    // Rows pass here after the snapshot was taken and before they are locked.
    await dba.query(
      `create function scheduler_private.gate() returns boolean language plpgsql as $$
       begin perform pg_advisory_lock_shared(1); perform pg_advisory_unlock_shared(1); return true; end $$`,
    );
    await scene.clear();
    const policy = 'alter policy engine_sees_all on scheduler_private.events using';
    try {
      await dba.query(`${policy} (scheduler_private.gate())`);
      const [id = ''] = await scene.schedule();
      await dba.query('select pg_advisory_lock(1)');
      await scene.enter();
      await untilWaiting(`wait_event = 'advisory'`);
      await dba.query(sql, [id, scene.topics[0]]);
      await dba.query('select pg_advisory_unlock(1)');
      const after = await scene.schedule();
      await expectAllWell(scene, name === 'change' ? [id, ...after] : after);
      const values = scene.reader.messages
        .filter(({ headers }) => headers.ce_id === id)
        .map(({ value }) => value.toString());
      expect(values).toEqual(name === 'change' ? ['changed'] : []);
    } finally {
      await dba.query('select pg_advisory_unlock_all()');
      await dba.query(`${policy} (true)`);
      await dba.query('drop function scheduler_private.gate()');
    }
  },
);

/** Waits until a session of this database waits for what is said of it. */
async function untilWaiting(condition: string): Promise<void> {
  await waitFor(`somebody waits: ${condition}`, 10_000, async () => {
    const waiting = await query(
      scene.database.url,
      `select from pg_stat_activity where datname = current_database() and ${condition}`,
    );
    return waiting.length > 0;
  });
}

test('a confirm is whole or nothing: in its midst a cancel is refused, and if it dies the batch is open', async () => {
  const relay = await scene.idle();
  const confirm = relay.postgres.hold('confirm');
  const ids = await scene.schedule();
  await confirm.sent();
  const batch = await openBatch(scene);
  await dba.query('begin');
  await dba.query('select from scheduler_private.events where id = $1 for update', ids);
  await dba.query('savepoint locked');
  void confirm.arrive();
  const [confirming] = await waitFor('the confirm waits for the row', 10_000, async () => {
    const pids = await query<{ pid: number }>(
      scene.database.url,
      `select pid from pg_stat_activity
       where pg_blocking_pids(pid) @> array[$1::integer] and query like '%confirm%'`,
      [(await dba.query('select pg_backend_pid() as pid')).rows[0].pid],
    );
    return pids.length > 0 && pids;
  });
  // It has closed the batch, for itself, and not yet finished its events.
  const canceling = dba.query('select scheduler.cancel_event($1)', ids);
  await expect(canceling).rejects.toMatchObject({ code: IN_FLIGHT });
  await dba.query('rollback to locked');
  await query(scene.database.url, 'select pg_terminate_backend($1, 5000)', [confirming?.pid]);
  expect(await openBatch(scene)).toBe(batch);
  await until(relay, 'ledger-read');
  await dba.query('rollback');
  await expectAllWell(scene, ids);
  expect(times(relay, 'claimed')).toBe(1);
});
