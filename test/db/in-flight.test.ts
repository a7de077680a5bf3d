import { describe, expect } from 'vitest';
import { untilBlocked } from './blocking.ts';
import { dueEvent, Relay, stored } from './lanes.ts';
import { creation, newEvent, replacement, type Session, test } from './session.ts';

/** Where changes meet claims. The sessions commit, so each test has a lane of its own. */

const cancel = 'select * from scheduler.cancel_event($1)';

/** A key for each lane; a test takes one that no other has. */
const keys = async (db: Session) =>
  db.rows<{ key: string }>(
    `select distinct on (scheduler_private.lane_of(key, 4)) key
     from (select 'key ' || i as key from generate_series(1, 100) i) k`,
  );

const changes: [name: string, statement: (id: string) => [string, unknown[]]][] = [
  ['cancel_event', (id) => [cancel, [id]]],
  ['replace_event', (id) => replacement(id, { payload: Buffer.from('new') })],
  [
    'UPDATE',
    (id) => ['update scheduler_private.events set updated_at = now() where id = $1', [id]],
  ],
  [
    'UPDATE to CANCELED',
    (id) => [`update scheduler_private.events set status = 'CANCELED' where id = $1`, [id]],
  ],
  [
    'UPDATE of contents',
    (id) => [
      `update scheduler_private.event_contents set payload = 'new' where event_id = $1`,
      [id],
    ],
  ],
  [
    'MERGE',
    (id) => [
      `merge into scheduler_private.events e using (select $1::text as id) g on e.id = g.id
         when matched then update set updated_at = now()`,
      [id],
    ],
  ],
];

describe('a claimed event', () => {
  test.for(changes)('%s is refused at once', async ([, statement], { open }) => {
    const [db, user] = [await open(), await open()];
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    const batch = await relay.batch(lane);
    const before = await stored(db, id);

    // Nothing to wait for: not even a lock that would be free a millisecond later.
    await user.rows(`set lock_timeout = '1ms'`);
    await user.rows('begin');
    await user.rows(`set local session_replication_role = 'replica'`);
    expect(await user.refusal(...statement(id))).toMatchObject({ sqlstate: 'SC042', field: 'id' });
    // The error has let the row go: the confirm does not wait for this transaction either.
    await db.rows(`set lock_timeout = '1s'`);
    expect(await stored(db, id)).toEqual(before);
    expect(await relay.confirm(lane, batch)).toBe(true);
    await user.rows('rollback');
  });

  test('a wider change is refused as a whole', async ({ db }) => {
    const [one, other] = [
      await dueEvent(db),
      await dueEvent(db, { scheduled_at: '2099-01-01T00:00:00Z' }),
    ];
    const relay = new Relay(db);
    await relay.batch(await relay.laneOf(one.id));
    expect(
      await db.refusal(
        `update scheduler_private.events set status = 'CANCELED' where id in ($1, $2)`,
        [one.id, other.id],
      ),
    ).toMatchObject({ code: 'in_flight', detail: one.id });
  });

  test('repeating its creation is no change', async ({ db }) => {
    const event = newEvent({ scheduled_at: '2098-01-01T00:00:00Z' });
    await db.row(...creation(event));
    const relay = new Relay(db);
    await relay.batch(await relay.laneOf(event.id));
    expect(await db.row(...creation(event))).toMatchObject({ id: event.id, status: 'SCHEDULED' });
  });

  test('may be changed again when its batch was discarded', async ({ db }) => {
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    await relay.discard(lane, await relay.batch(lane));
    expect(await db.row(cancel, [id])).toMatchObject({ status: 'CANCELED' });
  });
});

describe('two sessions', () => {
  test.for(changes)(
    '%s behind a claim that commits sees in_flight',
    async ([, statement], { open }) => {
      const [relaySession, user] = [await open(), await open()];
      const { id } = await dueEvent(relaySession);
      const relay = new Relay(relaySession);
      const lane = await relay.laneOf(id);
      await relaySession.rows('begin');
      const batch = await relay.batch(lane);
      const change = user.refusal(...statement(id));
      await untilBlocked(relaySession);
      await relaySession.rows('commit');
      expect(await change).toMatchObject({ code: 'in_flight' });
      expect(await relay.confirm(lane, batch)).toBe(true);
    },
  );

  test.for(changes)(
    '%s behind a claim that is rolled back passes',
    async ([, statement], { open }) => {
      const [relaySession, user] = [await open(), await open()];
      const { id } = await dueEvent(relaySession);
      const relay = new Relay(relaySession);
      const lane = await relay.laneOf(id);
      await relaySession.rows('begin');
      await relay.batch(lane);
      const change = user.client.query(...statement(id));
      await untilBlocked(relaySession);
      await relaySession.rows('rollback');
      expect((await change).rowCount).toBe(1);
      await relaySession.rows(cancel, [id]);
    },
  );

  test('a change before a claim is skipped by it, then claimed as changed', async ({ open }) => {
    const [relaySession, user] = [await open(), await open()];
    const [{ key }] = (await keys(user)) as [{ key: string }];
    const { id } = await dueEvent(relaySession, { key });
    const other = await dueEvent(relaySession, { key, scheduled_at: '2098-01-01T00:00:01Z' });
    const relay = new Relay(relaySession);
    const lane = await relay.laneOf(id);

    await user.rows('begin');
    const fields = { key, scheduled_at: '2097-01-01T00:00:00Z', payload: Buffer.from('new') };
    await user.rows(...replacement(id, fields));
    await relaySession.rows(`set lock_timeout = '1s'`);
    const [skipped] = await relay.claim(lane);
    expect(skipped).toMatchObject({ batch_id: null, event_id: null });
    expect(skipped?.due_in).toBeLessThanOrEqual(0);
    await user.rows('commit');

    const claimed = await relay.claim(lane, { now: '2098-01-01T00:00:01Z' });
    expect(claimed).toMatchObject([
      { event_id: id, payload: Buffer.from('new'), scheduled_at: '2097-01-01T00:00:00Z' },
      { event_id: other.id },
    ]);
    await relay.confirm(lane, claimed[0]?.batch_id as string);
  });

  test('a cancellation before a claim is never claimed', async ({ open }) => {
    const [relaySession, user] = [await open(), await open()];
    const { id } = await dueEvent(relaySession);
    const relay = new Relay(relaySession);
    const lane = await relay.laneOf(id);
    await user.rows('begin');
    await user.rows(cancel, [id]);
    expect(await relay.claim(lane)).toMatchObject([{ batch_id: null }]);
    await user.rows('commit');
    expect(await relay.claim(lane)).toMatchObject([{ batch_id: null }]);
  });

  test('of two changes the second waits and wins', async ({ open }) => {
    const [one, two] = [await open(), await open()];
    const { id } = await dueEvent(one);
    await one.rows('begin');
    await one.rows(...replacement(id, { payload: Buffer.from('one') }));
    const second = two.row(...replacement(id, { payload: Buffer.from('two') }));
    await untilBlocked(one);
    await one.rows('commit');
    expect(await second).toMatchObject({ payload: Buffer.from('two') });
  });

  test('a replacement behind a cancellation finds the event final', async ({ open }) => {
    const [one, two] = [await open(), await open()];
    const { id } = await dueEvent(one);
    await one.rows('begin');
    await one.rows(cancel, [id]);
    const second = two.refusal(...replacement(id, {}));
    await untilBlocked(one);
    await one.rows('commit');
    expect(await second).toMatchObject({ code: 'final' });
  });
});
