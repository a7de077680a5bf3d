import { describe, expect } from 'vitest';
import { dueEvent, type Lane, later, Relay } from './lanes.ts';
import { type Session, schedule, test } from './session.ts';

/** What an operator does to the whole deployment. */

const resolve = 'select scheduler.resolve_quarantine($1, $2)';
const status = 'select status from scheduler.event($1)';
const laneRow = (db: Session, { lane }: Lane) =>
  db.row('select * from scheduler_private.lanes where lane = $1', [lane]);

async function quarantined(db: Session) {
  const { id } = await dueEvent(db, { key: 'k' });
  const relay = new Relay(db);
  const lane = await relay.laneOf(id);
  const batch = await relay.batch(lane);
  await relay.quarantine(lane, 'the ledger is lost');
  return { id, relay, lane, batch };
}

describe('quarantine', () => {
  test('stops the lane and says why', async ({ db }) => {
    const { id, relay, lane, batch } = await quarantined(db);
    expect(await db.refusalOf(() => relay.claim(lane))).toMatchObject({
      code: 'lane_quarantined',
      detail: 'the ledger is lost',
    });
    expect((await db.refusal('select scheduler.cancel_event($1)', [id])).code).toBe('in_flight');
    const seen = await db.row('select * from scheduler.lanes where lane = $1', [lane.lane]);
    expect(seen).toMatchObject({
      quarantine_reason: 'the ledger is lost',
      batch_id: batch,
      batch_events: 1,
    });
    expect(seen.quarantined_at).toEqual(new Date(later(0)));
  });

  test('ends by confirm: the batch is published, the ledger written anew', async ({ db }) => {
    const { id, relay, lane, batch } = await quarantined(db);
    await db.rows(resolve, [lane.lane, 'confirm']);
    expect(await db.value(status, [id])).toBe('PUBLISHED');
    expect(await laneRow(db, lane)).toMatchObject({
      ledger: 'reseed',
      last_confirmed: batch,
      quarantined_at: null,
      quarantine_reason: null,
      fence: lane.fence,
    });
    expect(await relay.claim(lane)).toMatchObject([{ batch_id: null }]);
  });

  test('ends by discard: the events are claimed afresh', async ({ db }) => {
    const { id, relay, lane, batch } = await quarantined(db);
    const { last_confirmed } = await laneRow(db, lane);
    await db.rows(resolve, [lane.lane, 'discard']);
    expect(await laneRow(db, lane)).toMatchObject({ ledger: 'reseed', last_confirmed });
    const [again] = await relay.claim(lane);
    expect(again).toMatchObject({ event_id: id });
    expect(again?.batch_id).not.toBe(batch);
  });

  test('of a lane without batch ends by either', async ({ db }) => {
    for (const decision of ['confirm', 'discard']) {
      const relay = new Relay(db);
      const lane = (await relay.acquire()) as Lane;
      await relay.quarantine(lane);
      await db.rows(resolve, [lane.lane, decision]);
      expect(await laneRow(db, lane)).toMatchObject({ ledger: 'reseed', quarantined_at: null });
    }
  });

  test.for([[null], [''], ['Confirm'], ['x']])('does not end by %j', async ([decision], { db }) => {
    const { lane, batch } = await quarantined(db);
    expect(await db.refusal(resolve, [lane.lane, decision])).toMatchObject({
      code: 'invalid_event',
      field: 'decision',
    });
    expect(await db.value('select id from scheduler_private.batches')).toBe(batch);
  });

  test.for([0, 99, null])('of the lane %s that is in none is refused', async (lane, { db }) => {
    expect(await db.refusal(resolve, [lane, 'discard'])).toMatchObject({
      code: 'not_quarantined',
      field: 'lane',
    });
  });
});

describe('the deployment', () => {
  test('is registered once', async ({ db }) => {
    const relay = new Relay(db);
    await relay.register('mine', 'cluster 1');
    await relay.register('mine', 'cluster 1');
    for (const [name, cluster] of [
      ['other', 'cluster 1'],
      ['mine', 'cluster 2'],
    ] as const) {
      expect(await db.refusalOf(() => relay.register(name, cluster))).toMatchObject({
        code: 'deployment_mismatch',
        field: 'DEPLOYMENT',
      });
    }
  });

  test('is adopted: another name, lanes taken from everybody, a ledger of its own', async ({
    db,
  }) => {
    const relay = new Relay(db);
    await relay.register('mine', 'cluster 1');
    const lane = (await relay.acquire()) as Lane;
    await relay.setSeeded(lane);
    const before = await laneRow(db, lane);
    await db.rows(`select scheduler.adopt_deployment('copy', 'cluster 2')`);
    await relay.register('copy', 'cluster 2');
    expect((await db.refusalOf(() => relay.register('mine', 'cluster 1'))).code).toBe(
      'deployment_mismatch',
    );
    expect((await db.refusalOf(() => relay.read(lane))).code).toBe('fence_lost');
    const after = await laneRow(db, lane);
    expect(after).toMatchObject({ ledger: 'unseeded', relay_id: null, lease_until: null });
    expect(after.last_confirmed).not.toBe(before.last_confirmed);
  });

  test('is not adopted while a batch is open', async ({ db }) => {
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    await relay.batch(await relay.laneOf(id));
    expect(await db.refusal(`select scheduler.adopt_deployment('copy', 'cluster')`)).toMatchObject({
      code: 'batches_open',
    });
  });
});

describe('set_lane_count', () => {
  const setLanes = 'select scheduler.set_lane_count($1)';
  const misplaced = `select e.id from scheduler_private.events e join scheduler_private.event_contents c on c.event_id = e.id
    where e.lane <> scheduler_private.lane_of(coalesce(c.key, e.id), (select count(*) from scheduler_private.lanes))`;

  test.for([1, 2, 7, 16, 1_000])(
    'to %i moves every waiting event to its lane',
    async (count, { db }) => {
      const ids: string[] = [];
      for (let i = 0; i < 30; i++)
        ids.push((await dueEvent(db, { key: i % 3 === 0 ? `key ${i % 6}` : '' })).id);
      await db.rows(setLanes, [count]);
      expect(await db.value('select count(*)::int from scheduler_private.lanes')).toBe(count);
      expect(await db.rows(misplaced)).toEqual([]);
      // One key is in one lane, so that order is kept.
      const spread = `select c.key from scheduler_private.events e join scheduler_private.event_contents c on c.event_id = e.id
      where c.key is not null group by c.key having count(distinct e.lane) > 1`;
      expect(await db.rows(spread)).toEqual([]);
      const { id } = await schedule(db, { key: 'key 0' });
      expect(await db.rows(misplaced)).toEqual([]);
      expect(await db.value(status, [id])).toBe('SCHEDULED');
    },
  );

  test('leaves what is final where it is', async ({ db }) => {
    const { id } = await dueEvent(db);
    await db.rows('select scheduler.cancel_event($1)', [id]);
    await db.rows(setLanes, [1]);
    expect(await db.value(status, [id])).toBe('CANCELED');
  });

  test('takes along what may not be published any more; that is judged when it is due', async ({
    db,
  }) => {
    await db.rows(`select scheduler.grant_topic('alice', 'a-topic')`);
    const ids = await db.actingAs('alice', 'producer', async () => {
      const events = [];
      for (let i = 0; i < 10; i++) events.push((await dueEvent(db)).id);
      return events;
    });
    await db.rows(`select scheduler.revoke_topic('alice', 'a-topic')`);
    await db.rows(setLanes, [1]);
    const lane = 'select distinct lane from scheduler_private.events where id = any ($1)';
    expect(await db.rows(lane, [ids])).toEqual([{ lane: 0 }]);
  });

  test('never gives a fence a second time', async ({ db }) => {
    const former = new Relay(db);
    const lanes: Lane[] = [];
    for (let lane = await former.acquire(); lane; lane = await former.acquire()) lanes.push(lane);
    const old = lanes.find(({ lane }) => lane === 3) as Lane;
    await former.retire();
    await db.rows(setLanes, [2]);
    await db.rows(setLanes, [4]);
    const owner = new Relay(db);
    while ((await owner.acquire()) !== undefined);
    // A relay that was stopped for so long that it is believed dead wakes up.
    expect((await db.refusalOf(() => former.claim(old))).code).toBe('fence_lost');
  });

  test('is refused while a relay is alive or a batch is open', async ({ db }) => {
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    await relay.renew('1 minute', later(0));
    expect((await db.refusal(setLanes, [8])).code).toBe('batches_open');
    const lane = await relay.laneOf(id);
    const batch = await relay.batch(lane);
    await relay.retire();
    expect((await db.refusal(setLanes, [8])).code).toBe('batches_open');
    await relay.discard(lane, batch);
    await db.rows(setLanes, [8]);
  });

  test('new lanes of a deployment that is at work begin with a ledger of their own', async ({
    db,
  }) => {
    await db.rows(setLanes, [5]);
    await new Relay(db).register('mine', 'cluster');
    await db.rows(setLanes, [6]);
    const ledger = 'select ledger from scheduler_private.lanes order by lane offset 4';
    expect(await db.rows(ledger)).toEqual([{ ledger: 'unseeded' }, { ledger: 'reseed' }]);
  });

  test.for([0, -1, 1_001])('to %i is refused', async (count, { db }) => {
    expect(await db.refusal(setLanes, [count])).toMatchObject({
      code: 'invalid_event',
      field: 'lanes',
    });
  });
});
