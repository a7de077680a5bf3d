import { describe, expect } from 'vitest';
import { type Login, Logins } from './logins.ts';
import { test as base, batch, creation, newEvent, replacement, schedule } from './session.ts';

const cancel = 'select * from scheduler.cancel_event($1)';
const read = 'select * from scheduler.event($1)';

/** Real logins on connections of their own. Everyone that schedules is granted every topic. */
const test = base.extend('logins', { scope: 'file' }, async ({ database, dba }, { onCleanup }) => {
  const logins = new Logins(dba, database.url);
  onCleanup(() => logins.drop());
  const made = {
    alice: await logins.make('scheduler_producer'),
    bob: await logins.make('scheduler_producer'),
    operator: await logins.make('scheduler_operator'),
    reader: await logins.make('scheduler_reader'),
    nobody: await logins.make(),
  };
  for (const { identity } of [made.alice, made.bob, made.operator]) {
    await dba.rows(`select scheduler.grant_topic($1, '', true)`, [identity]);
  }
  return made;
});

/** insufficient_privilege, or a view that nobody can write. */
const notAllowed = ['42501', '55000'];

const secret = { key: 'a key', headers: { a: 'b' }, payload: Buffer.from('secret') };

describe('a producer', () => {
  test('sees, replaces and cancels its own', async ({ logins: { alice } }) => {
    const { id, owner } = await schedule(alice.session, secret);
    expect(owner).toBe(alice.identity);
    expect(await alice.session.row(read, [id])).toMatchObject({ ...secret, status: 'SCHEDULED' });
    expect(await alice.session.row(...replacement(id, { key: 'new' }))).toMatchObject({
      key: 'new',
    });
    expect(await alice.session.row(cancel, [id])).toMatchObject({ status: 'CANCELED' });
  });

  test("finds nothing of another's", async ({ logins: { alice, bob } }) => {
    const { id } = await schedule(alice.session, secret);
    expect(await bob.session.value(read, [id])).toBeNull();
    expect(await bob.session.rows('select from scheduler.events where id = $1', [id])).toEqual([]);
    const none = await bob.session.refusal(cancel, [newEvent().id]);
    for (const statement of [[cancel, [id]], replacement(id, {})] as [string, unknown[]][]) {
      const refusal = await bob.session.refusal(...statement);
      expect(refusal).toMatchObject({ sqlstate: 'SC030', code: 'not_found', field: 'id' });
      expect({ ...refusal, detail: '' }).toEqual({ ...none, detail: '' });
    }
    expect(await alice.session.row(read, [id])).toMatchObject({ status: 'SCHEDULED' });
  });

  test('lists its own only', async ({ logins: { alice, bob } }) => {
    await alice.session.rows(...batch([newEvent(), newEvent()]));
    await bob.session.rows(...batch([newEvent()]));
    const owners = await bob.session.rows('select distinct owner from scheduler.events');
    expect(owners).toEqual([{ owner: bob.identity }]);
  });

  test('does not grant, operate or play relay', async ({ logins: { alice } }) => {
    for (const sql of [
      `select scheduler.grant_topic('x', 'y')`,
      `select scheduler.revoke_topic('x', 'y')`,
      'select scheduler.set_lane_count(8)',
      `select scheduler.adopt_deployment('x', 'y')`,
      `select scheduler.resolve_quarantine(0, 'confirm')`,
      `select scheduler_private.acquire_lane(gen_random_uuid(), '1 hour')`,
      'select scheduler_private.claim(0::smallint, 0, 1)',
      'select scheduler_private.confirm(0::smallint, 0, gen_random_uuid())',
      'select scheduler_private.delete_expired_events()',
      'select * from scheduler.lanes',
      'select * from scheduler_private.events',
      'select * from scheduler_private.attempts',
    ]) {
      expect(await alice.session.refusal(sql), sql).toMatchObject({ sqlstate: '42501' });
    }
  });
});

describe('a reader', () => {
  test('sees every event but payload, key and headers', async ({
    logins: { alice, bob, reader },
  }) => {
    for (const { session, identity } of [alice, bob]) {
      const { id } = await schedule(session, secret);
      const seen = await reader.session.row(read, [id]);
      expect(seen).toMatchObject({ id, owner: identity, destination_topic: 'a-topic' });
      expect(seen).toMatchObject({ payload: null, key: null, headers: null });
      expect(JSON.stringify(seen)).not.toContain('secret');
    }
    const contents =
      'select from scheduler.events where payload is not null or key is not null or headers is not null';
    expect(await reader.session.rows(contents)).toEqual([]);
  });

  test('changes nothing', async ({ logins: { alice, reader } }) => {
    const { id } = await schedule(alice.session);
    for (const [sql, values] of [
      creation(newEvent()),
      batch([newEvent()]),
      replacement(id, {}),
      [cancel, [id]],
      [`select scheduler.grant_topic('x', 'y')`, []],
      [`update scheduler.events set owner = 'x'`, []],
      ['delete from scheduler.events', []],
    ] as [string, unknown[]][]) {
      expect(notAllowed, sql).toContain((await reader.session.refusal(sql, values)).sqlstate);
    }
    expect(await alice.session.row(read, [id])).toMatchObject({ status: 'SCHEDULED' });
  });

  test('sees lanes and settings, no grants of others', async ({ logins: { reader } }) => {
    expect(await reader.session.rows('select * from scheduler.lanes')).toHaveLength(4);
    expect(await reader.session.rows('select * from scheduler.settings')).toHaveLength(1);
    expect(await reader.session.rows('select * from scheduler.topic_grants')).toEqual([]);
  });
});

describe('an operator', () => {
  test('sees and changes everything', async ({ logins: { alice, operator } }) => {
    const [one, two] = [await schedule(alice.session, secret), await schedule(alice.session)];
    expect(await operator.session.row(read, [one.id])).toMatchObject({
      ...secret,
      owner: alice.identity,
    });
    expect(await operator.session.row(cancel, [one.id])).toMatchObject({ status: 'CANCELED' });
    expect(await operator.session.row(...replacement(two.id, { key: 'new' }))).toMatchObject({
      key: 'new',
      owner: alice.identity,
    });
  });

  test('is no superuser: no table is written by plain SQL', async ({ logins: { operator } }) => {
    for (const sql of [
      `update scheduler.events set destination_topic = 'x'`,
      'update scheduler_private.events set retry = 0',
      'delete from scheduler_private.events',
      'truncate scheduler_private.events',
      'update scheduler_private.settings set max_message_bytes = 1',
      `set session_replication_role = 'replica'`,
      'set role scheduler_engine',
      'set role scheduler_owner',
    ]) {
      expect(notAllowed, sql).toContain((await operator.session.refusal(sql)).sqlstate);
    }
  });
});

test('a login without a role does nothing at all', async ({ logins: { nobody } }) => {
  for (const [sql, values] of [
    creation(newEvent()),
    [read, [newEvent().id]],
    ['select from scheduler.events', []],
  ] as [string, unknown[]][]) {
    expect(await nobody.session.refusal(sql, values), sql).toMatchObject({ sqlstate: '42501' });
  }
});

describe('the identity', () => {
  const who = 'select scheduler.identity() as identity, scheduler.identity_role() as role';

  test.for([
    ['alice', 'producer'],
    ['operator', 'operator'],
    ['reader', 'reader'],
  ] as const)('of a login is its own: %s', async ([name, role], { logins }) => {
    const login: Login = logins[name];
    expect(await login.session.row(who)).toEqual({ identity: login.identity, role });
    await login.session.rows(`set scheduler.identity = 'sql:postgres'`);
    await login.session.rows(`set scheduler.identity_role = 'operator'`);
    expect(await login.session.row(who)).toEqual({ identity: login.identity, role });
  });

  test('of the API is what its transaction says, and nobody afterwards', async ({
    database,
    open,
  }) => {
    const api = await open(database.apiUrl);
    const nobody = { identity: null, role: null };
    expect(await api.row(who)).toEqual(nobody);
    await api.rows('begin');
    await api.rows(
      `select set_config('scheduler.identity', 'issuer:alice', true), set_config('scheduler.identity_role', 'producer', true)`,
    );
    expect(await api.row(who)).toEqual({ identity: 'issuer:alice', role: 'producer' });
    await api.rows('commit');
    expect(await api.row(who)).toEqual(nobody);
  });

  test('of nobody schedules nothing and sees nothing', async ({ database, open, dba }) => {
    const { id } = await schedule(dba);
    const api = await open(database.apiUrl);
    for (const [sql, values] of [creation(newEvent()), replacement(id, {}), [cancel, [id]]] as [
      string,
      unknown[],
    ][]) {
      expect(await api.refusal(sql, values)).toMatchObject({
        sqlstate: 'SC020',
        code: 'not_identified',
      });
    }
    await api.rows(`set scheduler.identity_role = 'operator'`);
    expect(await api.row(who)).toEqual({ identity: null, role: null });
    expect(await api.rows('select from scheduler.events')).toEqual([]);
  });

  test.for([
    ['producer', 1, 'secret'],
    ['operator', 2, 'secret'],
    ['reader', 2, null],
    ['', 1, null],
    ['admin', 1, null],
  ] as const)(
    'of the API with the role "%s" sees %i of two events',
    async ([role, count, payload], { db }) => {
      await db.rows(
        `select scheduler.grant_topic(who, '', true) from unnest(array['one', 'two']) who`,
      );
      const ids: string[] = [];
      for (const identity of ['one', 'two']) {
        await db.actingAs(identity, 'producer', async () => {
          ids.push((await schedule(db, secret)).id);
        });
      }
      await db.actingAs('one', role, async () => {
        const seen = await db.rows('select payload from scheduler.events where id = any ($1)', [
          ids,
        ]);
        expect(seen.length).toBe(count);
        if (role !== '' && role !== 'admin') {
          expect(seen.map((row) => row.payload?.toString() ?? null)).toEqual(
            Array(count).fill(payload),
          );
        }
        const creates = role === 'producer' || role === 'operator';
        if (!creates) expect((await db.refusal(...creation(newEvent()))).code).toBe('forbidden');
      });
    },
  );
});
