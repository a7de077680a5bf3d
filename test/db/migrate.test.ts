import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { roleUrl, setRolePasswords } from '../../db/roles.ts';
import { schemaVersion } from '../../db/schema-version.ts';
import { waitFor } from '../../local/wait.ts';
import { query, withDatabase } from '../harness/database.ts';

/** Everything that a migration could have changed. */
const objects = `
  select json_build_array(
    (select json_agg(array[p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)), p.proacl::text, p.proowner::regrole::text] order by p.oid)
      from pg_proc p where pronamespace in ('scheduler'::regnamespace, 'scheduler_private'::regnamespace)),
    (select json_agg(array[c.oid::regclass::text, c.relfilenode::text, c.relacl::text] order by c.oid)
      from pg_class c where relnamespace in ('scheduler'::regnamespace, 'scheduler_private'::regnamespace)),
    (select json_agg(t order by tgname, tgrelid) from pg_trigger t where not tgisinternal),
    (select json_agg(g order by g) from scheduler_private.topic_grants g),
    (select json_agg(l order by lane) from scheduler_private.lanes l),
    (select count(*) from scheduler_private.timezones),
    (select json_agg(m order by hash) from graphile_migrate.migrations m)
  ) as objects`;

async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<unknown> }> {
  const server = withDatabase(inject('templateUrl'), 'postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name}`);
  return {
    url: withDatabase(server, name),
    // graphile-migrate's idle connections end the process when they are cut; they close by themselves.
    drop: () =>
      waitFor('nobody is connected any more', 5_000, () => query(server, `drop database ${name}`)),
  };
}

const program = `
  import { migrate } from ${JSON.stringify(new URL('../../db/migrate.ts', import.meta.url).href)};
  await migrate({ databaseUrl: process.env.URL, say: () => undefined });`;

/** A process of its own, as when several programs start at once. Returns what it says when it fails. */
async function migrateInProcess(url: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  return code === 0 ? '' : `${code}: ${errors}`;
}

test('five at once on an empty database end well, and once; another run changes nothing', async ({
  onTestFinished,
}) => {
  const { url, drop } = await emptyDatabase();
  onTestFinished(async () => {
    await drop();
  });
  const lines: string[] = [];
  const here = [1, 2].map(() => migrate({ databaseUrl: url, say: (line) => lines.push(line) }));
  const elsewhere = await Promise.all([1, 2, 3].map(() => migrateInProcess(url)));
  await Promise.all(here);
  expect(elsewhere).toEqual(['', '', '']);

  const before = await query(url, objects);
  const [state] = await query(
    url,
    `select scheduler.schema_version() as version, (select count(*)::int from scheduler_private.lanes) as lanes,
       (select count(*)::int from scheduler_private.settings) as settings,
       (select count(*) = count(distinct filename) from graphile_migrate.migrations) as once`,
  );
  expect(state).toEqual({ version: schemaVersion, lanes: 4, settings: 1, once: true });

  await migrate({ databaseUrl: url, say: (line) => lines.push(line) });
  expect(await query(url, objects)).toEqual(before);
  expect(lines.some((line) => line.startsWith('pg_cron ticks never'))).toBe(true);
});

test('a database that was changed by an operator keeps that', async ({ onTestFinished }) => {
  const { url, drop } = await emptyDatabase();
  onTestFinished(async () => {
    await drop();
  });
  const say = () => undefined;
  await migrate({ databaseUrl: url, say });
  await query(url, 'update scheduler_private.settings set max_message_bytes = 7');
  await query(url, 'select scheduler.set_lane_count(9)');
  await query(url, `select scheduler.revoke_topic('local', '', true)`);
  await query(url, `delete from scheduler_private.timezones where name = 'Asia/Tokyo'`);
  await migrate({ databaseUrl: url, say });
  const [state] = await query(
    url,
    `select (select max_message_bytes from scheduler_private.settings) as bytes,
       (select count(*)::int from scheduler_private.lanes) as lanes,
       (select count(*)::int from scheduler_private.topic_grants where identity = 'local') as grants,
       (select count(*)::int from scheduler_private.timezones where name = 'Asia/Tokyo') as tokyo`,
  );
  expect(state).toEqual({ bytes: 7, lanes: 9, grants: 0, tokyo: 1 });
});

test('the zones are UTC and Area/Location names, in their exact spelling', async () => {
  const rows = await query<{ name: string }>(
    inject('templateUrl'),
    'select name from scheduler_private.timezones order by name',
  );
  const names = rows.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['UTC', 'Asia/Tokyo', 'Europe/Berlin', 'US/Eastern']),
  );
  expect(
    names.filter((name) => name !== 'UTC' && !/^[A-Z][A-Za-z]*\/[A-Za-z0-9_+/-]+$/.test(name)),
  ).toEqual([]);
});

test('a login role gets the password of its own DSN where one is given', async () => {
  const url = inject('templateUrl');
  const given = new URL(roleUrl(url, 'scheduler_relay'));
  given.password = randomUUID();
  const verifiers = `select rolname, rolpassword from pg_authid where rolname in ('scheduler_api', 'scheduler_relay') order by 1`;
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres') });
  await client.connect();
  try {
    const { rows: before } = await client.query(verifiers);
    // Roles are of the whole cluster: nobody else is to see the new password.
    await client.query('begin');
    await setRolePasswords(client, url, { scheduler_relay: given.href });
    const { rows: after } = await client.query(verifiers);
    await client.query('rollback');
    const changed = after.filter((row, i) => row.rolpassword !== before[i].rolpassword);
    expect(changed.map(({ rolname }) => rolname)).toEqual(['scheduler_relay']);
  } finally {
    await client.end();
  }
});
