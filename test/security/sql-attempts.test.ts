import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { each } from '../db/lanes.ts';
import { connect, creation, type Session } from '../db/session.ts';
import { makeScene, type Scene } from './scene.ts';

let scene: Scene;
let sessions: Record<string, Session>;
let relations: { name: string; kind: 'table' | 'view' }[];
beforeAll(async () => {
  scene = await makeScene();
  const { own, other, reader, operator, none } = scene.logins;
  const { apiUrl, relayUrl } = scene.api.database;
  sessions = {
    producer: own.session,
    'another producer': other.session,
    reader: reader.session,
    operator: operator.session,
    'login without a role': none.session,
    scheduler_api: await connect(apiUrl),
    scheduler_relay: await connect(relayUrl),
  };
  relations = await scene.dba.rows(
    `select oid::regclass::text as name, case relkind when 'v' then 'view' else 'table' end as kind from pg_class
     where relnamespace in ('scheduler'::regnamespace, 'scheduler_private'::regnamespace) and relkind in ('r', 'v')`,
  );
});
afterAll(async () => {
  await sessions.scheduler_api?.client.end();
  await sessions.scheduler_relay?.client.end();
  await scene.close();
});

const who = [
  ...['producer', 'another producer', 'reader', 'operator', 'login without a role'],
  ...['scheduler_api', 'scheduler_relay'],
];

/** SQLSTATEs of what one may not do at all: insufficient_privilege, a view that takes no changes. */
const refusals = ['42501', '55000', '0A000'];

/** The statements that are not refused. */
async function allowed(session: Session, statements: readonly string[]): Promise<string[]> {
  const outcomes = await each(statements, async (sql) => {
    const outcome = await session.client.query(sql).then(
      () => 'done',
      (error: { code?: string }) => error.code ?? String(error),
    );
    return refusals.includes(outcome) ? [] : [`${sql}: ${outcome}`];
  });
  return outcomes.flat();
}

describe.each(who)('a %s', (name) => {
  const session = () => sessions[name] as Session;

  test('writes, locks, copies and changes no table or view', async () => {
    expect(relations.length).toBeGreaterThan(20);
    const statements = relations.flatMap(({ name: relation, kind }) => [
      `insert into ${relation} default values`,
      `delete from ${relation}`,
      `do $$ begin lock table ${relation} in access exclusive mode; end $$`,
      `alter ${kind} ${relation} owner to current_user`,
      `comment on ${kind} ${relation} is 'mine'`,
      `drop ${kind} ${relation}`,
      ...(kind === 'table' ? [`truncate ${relation}`, `copy ${relation} from stdin`] : []),
    ]);
    expect(await allowed(session(), statements)).toEqual([]);
  });

  test('updates no column', async () => {
    const columns = await scene.dba.rows<{ relation: string; name: string }>(
      `select attrelid::regclass::text as relation, quote_ident(attname) as name from pg_attribute
       where attrelid = any ($1::regclass[]) and attnum > 0 and not attisdropped`,
      [relations.map(({ name: relation }) => relation)],
    );
    const statements = columns.map(({ relation, name: column }) => {
      return `update ${relation} set ${column} = ${column}`;
    });
    expect(await allowed(session(), statements)).toEqual([]);
  });

  test('makes, replaces and switches off nothing of ours', async () => {
    const statements = [
      'create table scheduler.mine ()',
      'create table scheduler_private.mine ()',
      'create view scheduler.mine as select 1',
      `create or replace function scheduler.identity() returns text language sql as $$ select 'local' $$`,
      `create function scheduler_private.mine() returns text language sql as $$ select 'local' $$`,
      'drop function scheduler.identity()',
      'alter function scheduler.schedule_event owner to current_user',
      'drop schema scheduler cascade',
      'alter table scheduler_private.events disable trigger all',
      'alter table scheduler_private.events disable row level security',
      'alter table scheduler_private.event_contents no force row level security',
      'create policy mine on scheduler_private.events using (true)',
      'create trigger mine before insert on scheduler_private.events execute function suppress_redundant_updates_trigger()',
      'create index on scheduler_private.events (owner)',
      `set session_replication_role = 'replica'`,
      'set session_preload_libraries = pg_cron',
    ];
    expect(await allowed(session(), statements)).toEqual([]);
  });

  test('becomes nobody else', async () => {
    const own = await session().value<string>('select current_user');
    const roles = [
      ...['scheduler_owner', 'scheduler_engine', 'scheduler_api', 'scheduler_relay', 'postgres'],
      ...['scheduler_operator', 'pg_read_all_data', 'pg_write_all_data', 'pg_monitor'],
    ].filter((role) => role !== own && !(name === 'operator' && role === 'scheduler_operator'));
    const statements = roles.flatMap((role) => [
      `set role ${role}`,
      `set session authorization ${role}`,
      `grant ${role} to current_user`,
    ]);
    expect(
      await allowed(session(), [
        ...statements,
        `alter role ${own} superuser`,
        `alter role ${own} bypassrls`,
        'create role mine',
      ]),
    ).toEqual([]);
  });
});

describe('a producer', () => {
  const producer = () => sessions.producer as Session;

  test('grants itself nothing by settings, temporary tables or a search path of its own', async () => {
    const { identity } = scene.logins.own;
    const session = producer();
    await session.rows(`set scheduler.identity = 'local'`);
    await session.rows(`set scheduler.identity_role = 'operator'`);
    await session.rows(
      `create temporary table topic_grants as select '${identity}'::text as identity, ''::text as topic, true as prefix`,
    );
    await session.rows('create temporary table settings as select 2000000000 as max_message_bytes');
    await session.rows(`create temporary table lanes as select 0::smallint as lane`);
    await session.rows(
      `create function pg_temp.topic_is_granted(text, text) returns boolean language sql as 'select true'`,
    );
    await session.rows(
      `create function pg_temp.require_role(variadic text[]) returns void language sql as 'select'`,
    );
    await session.rows('set search_path = pg_temp, scheduler, public');
    expect(await session.value('select scheduler.identity()')).toBe(identity);
    expect(await session.value('select scheduler.identity_role()')).toBe('producer');
    const event = { scheduled_at: '2099-01-01T00:00:00Z', payload: 'x' };
    expect(
      await session.refusal(...creation({ ...event, destination_topic: 'another' })),
    ).toMatchObject({ code: 'topic_not_granted' });
    expect(
      await session.refusal(
        ...creation({ ...event, payload: Buffer.alloc(900_001), destination_topic: 'free' }),
      ),
    ).toMatchObject({ code: 'message_too_large' });
    for (const sql of [
      `select scheduler.grant_topic('${identity}', '', true)`,
      `select scheduler.resolve_quarantine(0, 'confirm')`,
      'select scheduler.set_lane_count(2)',
      `select scheduler.adopt_deployment('mine', 'mine')`,
      'call scheduler.derive_instants()',
      `select scheduler_private.store_events('{}', true)`,
      'select scheduler_private.tick()',
      `select * from scheduler_private.claim(0::smallint, 0, 1, 1, now())`,
    ]) {
      expect([sql, (await session.refusal(sql)).sqlstate]).toEqual([sql, '42501']);
    }
    await session.rows('reset all');
    await session.rows('discard temp');
  });

  test('reads no file and runs no program', async () => {
    const statements = [
      `copy pg_temp.x from program 'id'`,
      `copy (select 1) to program 'id'`,
      `copy (select 1) to '/tmp/mine'`,
      `select pg_read_file('/etc/passwd')`,
      `select lo_import('/etc/passwd')`,
      'create extension pg_cron',
      `select * from cron.job`,
      "load 'plpgsql_check'",
    ];
    const outcomes = await each(
      statements,
      async (sql) => (await producer().refusal(sql)).sqlstate,
    );
    // Where pg_cron is not there, its schema is not there.
    expect(outcomes.filter((state) => !['42501', '42P01', '3F000'].includes(state ?? ''))).toEqual(
      [],
    );
  });
});
