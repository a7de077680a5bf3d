import { describe, expect } from 'vitest';
import { dueEvent, eventIn, Relay, statuses, stored } from './lanes.ts';
import { type Session, test } from './session.ts';

/** Changes that a DBA makes by plain SQL, past the functions. */

async function refusalOf(db: Session, id: string, sql: string) {
  const before = await stored(db, id);
  const refusal = await db.refusal(sql, [id]);
  expect(await stored(db, id)).toEqual(before);
  return refusal;
}

/** A key whose lane is, or is not, that of another. */
async function keyFor(db: Session, other: string, same: boolean): Promise<string> {
  return db.value<string>(
    `select key from (select 'key ' || i as key from generate_series(1, 100) i) k
     where (scheduler_private.lane_of(key, 4) = scheduler_private.lane_of($1, 4)) = $2 limit 1`,
    [other, same],
  );
}

describe.each(['origin', 'replica'])('with session_replication_role = %s', (role) => {
  test.beforeEach(({ db }) => db.client.query(`set local session_replication_role = ${role}`));

  test.for([
    ['id', 'gen_random_uuid()::text'],
    ['owner', `'local'`],
    ['created_at', `created_at - interval '1 day'`],
    ['content_hash', `'\\x00'`],
    ['retry', 'retry + 1'],
  ])('the column %s of a SCHEDULED event stays', async ([column, value], { db }) => {
    const { id } = await dueEvent(db);
    const sql = `update scheduler_private.events set ${column} = ${value} where id = $1`;
    expect((await refusalOf(db, id, sql)).code).toBe('immutable');
  });

  test('the column published_at of a SCHEDULED event stays empty', async ({ db }) => {
    const { id } = await dueEvent(db);
    const sql = `update scheduler_private.events set published_at = now() where id = $1`;
    expect((await refusalOf(db, id, sql)).code).toBe('events_published_have_their_time');
  });

  test('a SCHEDULED event is not due before its instant', async ({ db }) => {
    const { id } = await dueEvent(db);
    const sql = `update scheduler_private.events set due_at = due_at - interval '1 second' where id = $1`;
    expect((await refusalOf(db, id, sql)).code).toBe('events_are_not_due_early');
  });

  test.for(statuses.filter((status) => status !== 'SCHEDULED'))(
    'no column of a %s event changes',
    async (status, { db }) => {
      const id = await eventIn(db, status);
      const columns = await db.rows<{ name: string }>(
        `select attname as name from pg_attribute
         where attrelid = 'scheduler_private.events'::regclass and attnum > 0 and attname <> 'id'`,
      );
      for (const { name } of columns) {
        const sql = `update scheduler_private.events set ${name} = ${name} where id = $1`;
        expect((await refusalOf(db, id, sql)).code, name).toBe('final');
      }
    },
  );

  test('the payload of a SCHEDULED event may change', async ({ db }) => {
    const { id } = await dueEvent(db);
    await db.rows(
      `update scheduler_private.event_contents set payload = 'new' where event_id = $1`,
      [id],
    );
    const { payload } = await db.row('select payload from scheduler.event($1)', [id]);
    expect(payload).toEqual(Buffer.from('new'));
  });

  test.for([
    ['event_id', 'gen_random_uuid()::text'],
    ['owner', `'somebody'`],
  ])('the column %s of contents stays', async ([column, value], { db }) => {
    const { id } = await dueEvent(db);
    const sql = `update scheduler_private.event_contents set ${column} = ${value} where event_id = $1`;
    expect((await refusalOf(db, id, sql)).code).toBe('immutable');
  });

  test('the key changes only where it leaves the event in its lane', async ({ db }) => {
    const { id } = await dueEvent(db);
    const change = `update scheduler_private.event_contents set key = '%' where event_id = $1`;
    const away = change.replace('%', await keyFor(db, id, false));
    expect(await refusalOf(db, id, away)).toMatchObject({ code: 'immutable', field: 'key' });
    await db.rows(change.replace('%', await keyFor(db, id, true)), [id]);
  });

  test.for(statuses.filter((status) => status !== 'SCHEDULED'))(
    'the contents of a %s event stay',
    async (status, { db }) => {
      const id = await eventIn(db, status);
      for (const sql of [
        `update scheduler_private.event_contents set payload = 'new' where event_id = $1`,
        `update scheduler_private.event_contents set headers = '{"a":"b"}' where event_id = $1`,
        `insert into scheduler_private.event_contents (event_id, owner, payload) values ($1, 'sql:postgres', '')
           on conflict (event_id) do update set payload = 'new'`,
        `merge into scheduler_private.event_contents c using (select $1::text as id) g on c.event_id = g.id
           when matched then update set payload = 'new'`,
      ]) {
        expect((await refusalOf(db, id, sql)).code, sql).toBe('final');
      }
    },
  );

  test.for(statuses)('the contents of a %s event are not deleted', async (status, { db }) => {
    const id = await eventIn(db, status);
    for (const sql of [
      'delete from scheduler_private.event_contents where event_id = $1',
      `with gone as (delete from scheduler_private.event_contents where event_id = $1 returning *)
         insert into scheduler_private.event_contents select gen_random_uuid(), owner, 'new', key, headers from gone`,
      `merge into scheduler_private.event_contents c using (select $1::text as id) g on c.event_id = g.id
         when matched then delete`,
    ]) {
      expect((await refusalOf(db, id, sql)).code, sql).toBe('not_deletable');
    }
  });

  test('contents without an event are refused', async ({ db }) => {
    const { id } = await dueEvent(db);
    const sql = `insert into scheduler_private.event_contents (event_id, owner, payload)
      select 'x' || event_id, owner, payload from scheduler_private.event_contents where event_id = $1`;
    expect(await refusalOf(db, id, sql)).toMatchObject({ code: 'invalid_event', field: 'id' });
  });

  test('contents larger than the setting are refused', async ({ db }) => {
    const { id } = await dueEvent(db);
    await db.rows('update scheduler_private.settings set max_message_bytes = 10');
    const sql = `update scheduler_private.event_contents set payload = '12345678901' where event_id = $1`;
    expect(await refusalOf(db, id, sql)).toMatchObject({
      code: 'message_too_large',
      field: 'payload',
    });
  });

  test.for([
    [`update scheduler_private.attempts set code = 'other' where event_id = $1`, 'immutable'],
    ['update scheduler_private.attempts set attempt = 3 where event_id = $1', 'immutable'],
    ['delete from scheduler_private.attempts where event_id = $1', 'not_deletable'],
    [
      `insert into scheduler_private.attempts values ($1, 1, now(), 'x', 'x')
         on conflict (event_id, attempt) do update set code = 'other'`,
      'immutable',
    ],
  ] as const)('attempts stay as they are: %s', async ([sql, code], { db }) => {
    const { id } = await dueEvent(db);
    const relay = new Relay(db);
    const lane = await relay.laneOf(id);
    await relay.reject(lane, await relay.batch(lane), [id]);
    expect((await refusalOf(db, id, sql)).code).toBe(code);
  });

  // Architecture, I5: attempts change only on a rejected attempt.
  test('attempts are not made up', async ({ db }) => {
    const { id } = await dueEvent(db);
    const sql = `insert into scheduler_private.attempts values ($1, 1, now(), 'x', 'x')`;
    expect((await refusalOf(db, id, sql)).code).toBe('immutable');
  });
});

test('a DBA cannot schedule to a topic or in a zone that is not legal', async ({ db }) => {
  const { id } = await dueEvent(db);
  const set = (what: string) => `update scheduler_private.events set ${what} where id = $1`;
  expect((await refusalOf(db, id, set(`destination_topic = '__consumer_offsets'`))).code).toBe(
    'invalid_topic',
  );
  expect((await refusalOf(db, id, set(`timezone = 'FOO+3'`))).code).toBe('invalid_timezone');
  expect((await refusalOf(db, id, set('lane = 9'))).code).toBe('invalid_event');
});
