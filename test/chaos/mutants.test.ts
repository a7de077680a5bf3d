import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { faultKinds } from '../../chaos/faults/faults.ts';
import { mutantNamed, mutants } from '../../chaos/mutants/catalogue.ts';
import { applySql, mutateDatabase, preloadOf } from '../../chaos/mutants/loader.ts';
import { mutate } from '../../chaos/mutants/mutant.ts';
import { withClient } from '../../db/connect.ts';
import { checkout } from '../../local/folders.ts';
import { query, type TestDatabase, testDatabase } from '../harness/database.ts';

let database: TestDatabase | null = null;

afterEach(async () => {
  await database?.drop();
  database = null;
});

async function newDatabase(): Promise<string> {
  database = await testDatabase();
  return database.url;
}

const inSource = mutants.filter(({ patch }) => patch !== undefined);
const inDatabase = mutants.filter(({ sql }) => sql !== undefined);

/** Loads the relay as a mutant, without running it. */
async function loadRelay(name: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...['--import', preloadOf(), '--input-type=module'],
      ...['--eval', "await import('./relay/program.ts'); console.log('loaded')"],
    ],
    { cwd: checkout, env: { ...process.env, MUTANT: name } },
  );
  return stdout.trim();
}

test('there are enough, each with a name of its own and faults that there are', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(10);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  for (const { name, patch = [], sql = [], exposedBy } of mutants) {
    expect([...patch, ...sql], name).not.toHaveLength(0);
    for (const kind of exposedBy) expect(faultKinds, name).toContain(kind);
  }
});

test.each(inSource.map(({ name }) => name))(
  '%s still applies to the source of the relay',
  (name) => {
    const sources = new Map<string, string>();
    for (const one of mutantNamed(name).patch ?? []) {
      const source = sources.get(one.file) ?? readFileSync(join(checkout, one.file), 'utf8');
      sources.set(one.file, mutate(source, one, one.file));
    }
    for (const source of sources.values()) expect(stripTypeScriptTypes(source)).not.toBe('');
  },
);

test.each(inDatabase.map(({ name }) => name))('%s still applies to the database', async (name) => {
  const url = await newDatabase();
  await mutateDatabase(url, name);
  for (const one of mutantNamed(name).sql ?? []) {
    const [found] = await query<{ source: string; owner: string }>(
      url,
      'select pg_get_functiondef(oid) as source, proowner::regrole::text as owner from pg_proc where oid = $1::regproc',
      [one.function],
    );
    expect(found?.source).toContain(one.replace);
    expect(found?.owner).toMatch(/^scheduler_(owner|engine)$/);
  }
});

test.each(inDatabase.map(({ name }) => name))('%s still schedules and changes', async (name) => {
  const url = await newDatabase();
  await mutateDatabase(url, name);
  const id = randomUUID();
  const input = `row($1, '2100-01-01T00:00:00Z', null, 'x', 'topic', null, null, null, null, null, null, null, null)::scheduler.event_input`;
  await query(url, `select from scheduler.schedule_events(array[${input}])`, [id]);
  await query(url, `select from scheduler.replace_event($1, ${input})`, [id]);
  const [row] = await query(url, 'select status from scheduler.cancel_event($1)', [id]);
  expect(row).toEqual({ status: 'CANCELED' });
});

test('what is not durable is committed without waiting for the disk', async () => {
  const url = await newDatabase();
  await mutateDatabase(url, 'acknowledged-before-durable');
  await withClient(url, async (client) => {
    await client.query('begin');
    await client.query(`select scheduler_private.require_role('producer', 'operator')`);
    const { rows } = await client.query('show synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'off' }]);
  });
});

test('a mutant that no longer applies says so', async () => {
  const mutant = {
    name: 'old',
    breaks: 'nothing',
    sql: [{ function: 'scheduler.cancel_event', find: 'no such text', replace: '' }],
    exposedBy: [],
  };
  await expect(applySql(await newDatabase(), mutant)).rejects.toThrow(
    /old.*no longer applies|no longer applies: old/s,
  );
  expect(() => mutate('twice twice', { find: 'twice', replace: '' }, 'text')).toThrow(/2 times/);
});

test('a relay is loaded with its mistake, and not at all with an unknown one', async () => {
  expect(await loadRelay('producers-not-fenced')).toBe('loaded');
  await expect(loadRelay('no-such-mutant')).rejects.toThrow(
    /no mutant "no-such-mutant"; there are/,
  );
});
