import { describe, expect } from 'vitest';
import { eventIn, type Status, statuses, stored } from './lanes.ts';
import { type Session, test } from './session.ts';

const events = 'scheduler_private.events';

/** A whole and consistent row of a status, so that nothing but the state machine can refuse it. */
const wholeRow = (status: Status) => `
  status = '${status}',
  retry = ${status === 'SCHEDULED' ? '0' : 'e.retry'},
  due_at = ${status === 'SCHEDULED' ? 'e.scheduled_instant' : 'null'},
  published_at = ${status === 'PUBLISHED' ? 'now()' : 'null'},
  last_error = ${status === 'FAILED' ? `'by hand'` : 'null'}`;

/** Ways to change a status; the code with which each refuses a SCHEDULED and a final event. */
const ways: {
  name: string;
  sql: (to: Status) => string;
  scheduled: string;
}[] = [
  {
    name: 'UPDATE of the status alone',
    sql: (to) => `update ${events} set status = '${to}' where id = $1`,
    scheduled: 'events_are_due_while_scheduled',
  },
  {
    name: 'UPDATE of the whole row',
    sql: (to) => `update ${events} e set ${wholeRow(to)} where id = $1`,
    scheduled: 'immutable',
  },
  {
    name: 'UPDATE … FROM',
    sql: (to) =>
      `update ${events} e set ${wholeRow(to)} from (select $1::text as id) g where e.id = g.id`,
    scheduled: 'immutable',
  },
  {
    name: 'INSERT … ON CONFLICT DO UPDATE',
    sql: (
      to,
    ) => `insert into ${events} as e (id, owner, lane, timezone, scheduled_instant, due_at, destination_topic, content_hash)
      select id, owner, lane, timezone, scheduled_instant, scheduled_instant, destination_topic, content_hash
      from ${events} where id = $1
      on conflict (id) do update set ${wholeRow(to)}`,
    scheduled: 'immutable',
  },
  {
    name: 'MERGE',
    sql: (to) => `merge into ${events} e using (select $1::text as id) g on e.id = g.id
      when matched then update set ${wholeRow(to)}`,
    scheduled: 'immutable',
  },
];

const roles = ['origin', 'replica'];

/** Refuses and leaves everything as it was. */
async function refuses(db: Session, id: string, sql: string): Promise<string | undefined> {
  const before = await stored(db, id);
  const { code } = await db.refusal(sql, [id]);
  expect(await stored(db, id)).toEqual(before);
  return code;
}

describe.each(roles)('a DBA with session_replication_role = %s', (role) => {
  test.beforeEach(({ db }) => db.client.query(`set local session_replication_role = ${role}`));

  const finals = statuses.filter((status) => status !== 'SCHEDULED');
  test.for(finals.flatMap((from) => statuses.map((to) => [from, to] as const)))(
    'cannot move an event from %s to %s',
    async ([from, to], { db }) => {
      const id = await eventIn(db, from);
      for (const { name, sql } of ways) {
        // The status alone may break a constraint of the row before any trigger sees it.
        const code = name.endsWith('alone') ? expect.any(String) : 'final';
        expect(await refuses(db, id, sql(to)), name).toEqual(code);
      }
    },
  );

  test.for(['PUBLISHED', 'FAILED'] as const)(
    'cannot move an event from SCHEDULED to %s',
    async (to, { db }) => {
      const id = await eventIn(db, 'SCHEDULED');
      for (const { name, sql, scheduled } of ways) {
        expect(await refuses(db, id, sql(to)), name).toBe(scheduled);
      }
    },
  );

  test('can cancel a SCHEDULED event, in every way', async ({ db }) => {
    for (const { name, sql } of ways) {
      const id = await eventIn(db, 'SCHEDULED');
      await db.client.query(sql('CANCELED'), [id]);
      const row = await db.row(`select status, due_at from ${events} where id = $1`, [id]);
      expect(row, name).toEqual({ status: 'CANCELED', due_at: null });
    }
  });

  test('can touch a SCHEDULED event, in every way', async ({ db }) => {
    const id = await eventIn(db, 'SCHEDULED');
    for (const { name, sql } of ways) {
      expect((await db.client.query(sql('SCHEDULED'), [id])).rowCount, name).toBe(1);
    }
  });

  test.for(statuses)('cannot remove a fresh %s event', async (status, { db }) => {
    const id = await eventIn(db, status);
    for (const sql of [
      `delete from ${events} where id = $1`,
      `merge into ${events} e using (select $1::text as id) g on e.id = g.id when matched then delete`,
    ]) {
      expect(await refuses(db, id, sql)).toBe('not_deletable');
    }
  });

  test.for(statuses)('cannot make a %s event anew under its id', async (status, { db }) => {
    const id = await eventIn(db, status);
    const again = `insert into ${events} (id, owner, lane, timezone, scheduled_instant, due_at, destination_topic, content_hash)
      select id, owner, lane, timezone, scheduled_instant, scheduled_instant, destination_topic, content_hash`;
    for (const sql of [
      `with gone as (delete from ${events} where id = $1 returning *) ${again} from gone`,
      `${again} from ${events} where id = $1`,
    ]) {
      expect(['not_deletable', 'events_pkey']).toContain(await refuses(db, id, sql));
    }
  });

  test.for([
    'scheduler_private.events cascade',
    'scheduler_private.event_contents',
    'scheduler_private.attempts',
    'scheduler_private.events, scheduler_private.event_contents, scheduler_private.attempts, scheduler_private.series, scheduler_private.exceptions, scheduler_private.revisions, scheduler_private.passed_ranges',
    'scheduler_private.series cascade',
    'scheduler_private.exceptions',
  ])('cannot TRUNCATE %s', async (tables, { db }) => {
    expect(await db.refusal(`truncate ${tables}`)).toMatchObject({
      sqlstate: 'SC046',
      code: 'not_deletable',
    });
  });

  test.for(['PUBLISHED', 'CANCELED', 'FAILED'] as const)(
    'cannot INSERT an event as %s',
    async (status, { db }) => {
      const insert = `insert into ${events} (id, owner, lane, timezone, scheduled_instant, destination_topic, content_hash, status, published_at, last_error)
        values (gen_random_uuid(), 'sql:postgres', 0, 'UTC', now(), 'a-topic', '', '${status}',
          ${status === 'PUBLISHED' ? 'now()' : 'null'}, 'by hand')`;
      expect(await db.refusal(insert)).toMatchObject({ code: 'immutable', field: 'status' });
    },
  );

  test('cannot INSERT an event with attempts', async ({ db }) => {
    const insert = `insert into ${events} (id, owner, lane, timezone, scheduled_instant, due_at, destination_topic, content_hash, retry)
      values (gen_random_uuid(), 'sql:postgres', 0, 'UTC', now(), now(), 'a-topic', '', 1)`;
    expect(await db.refusal(insert)).toMatchObject({ code: 'immutable', field: 'status' });
  });

  test('cannot COPY an event in that is final', async ({ db }) => {
    const line = `c0ffee00-0000-4000-8000-000000000001\tsql:postgres\t0\tCANCELED\tUTC\t2020-01-01\ta-topic\t\\\\\\\\x00`;
    const copy = `copy ${events} (id, owner, lane, status, timezone, scheduled_instant, destination_topic, content_hash)
      from program $$printf '%b\\n' '${line}'$$`;
    expect(await db.refusal(copy)).toMatchObject({ code: 'immutable', field: 'status' });
  });

  test('can COPY an event in that is SCHEDULED, but not over another', async ({ db }) => {
    const id = await eventIn(db, 'CANCELED');
    const copy = (
      into: string,
    ) => `copy ${events} (id, owner, lane, timezone, scheduled_instant, due_at, destination_topic, content_hash)
      from program $$printf '%b\\n' '${into}\tsql:postgres\t0\tUTC\t2020-01-01\t2020-01-01\ta-topic\t\\\\\\\\x00'$$`;
    expect(await db.client.query(copy('c0ffee00-0000-4000-8000-000000000002'))).toMatchObject({
      rowCount: 1,
    });
    expect((await db.refusal(copy(id))).code).toBe('events_pkey');
  });
});
