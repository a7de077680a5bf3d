import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { installPackages } from '../local/packages.ts';
import { withClient } from './connect.ts';
import { scratchPostgres, withScratchDatabase } from './scratch-postgres.ts';

// The SQL part of `npm run check`: every function passes plpgsql_check, and the committed migrations say what
// db/schema says, so that no edit of a function is forgotten in a migration.

const say = (line: string) => process.stderr.write(`${line}\n`);
const { postgres, dataDir } = await scratchPostgres(say);
try {
  const problems = await checkSchema(postgres.url);
  for (const problem of problems) say(problem);
  process.stdout.write(
    `SQL: ${problems.length === 0 ? 'no problems' : `${problems.length} problems`}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await postgres.dispose();
}

async function checkSchema(serverUrl: string): Promise<string[]> {
  return withScratchDatabase(serverUrl, say, (url) =>
    withClient(url, async (database) => {
      await installPlpgsqlCheck(database);
      return [...(await checkFunctions(database)), ...(await findDrift(database))];
    }),
  );
}

async function installPlpgsqlCheck(database: pg.Client): Promise<void> {
  const { rows } = await database.query<{ major: string; present: boolean }>(
    `select split_part(current_setting('server_version'), '.', 1) as major,
       exists (select from pg_available_extensions where name = 'plpgsql_check') as present`,
  );
  if (!rows[0]?.present && postgres.how === 'native') {
    await installPackages([`postgresql-${rows[0]?.major}-plpgsql-check`], { say, logs: dataDir });
  }
  await database.query('create extension plpgsql_check');
}

async function checkFunctions(database: pg.Client): Promise<string[]> {
  const { rows } = await database.query<{ problem: string }>(
    `select p.oid::regprocedure || coalesce(' (for ' || t.relid::regclass || ')', '') || ': ' || c.problem as problem
     from pg_proc p
     join pg_namespace n on n.oid = p.pronamespace
     join pg_language l on l.oid = p.prolang
     left join lateral (
       select distinct tgrelid as relid,
         coalesce(tgoldtable, '') as old_rows, coalesce(tgnewtable, '') as new_rows
       from pg_trigger where tgfoid = p.oid and not tgisinternal
     ) t on true
     cross join lateral plpgsql_check_function(
       p.oid, coalesce(t.relid, 0), fatal_errors => false, security_warnings => true, extra_warnings => true,
       oldtable => nullif(t.old_rows, ''), newtable => nullif(t.new_rows, '')
     ) as c (problem)
     where l.lanname = 'plpgsql' and n.nspname in ('scheduler', 'scheduler_private')`,
  );
  return rows.map((row) => row.problem);
}

/** Functions that would be others if their files were run again. */
async function findDrift(database: pg.Client): Promise<string[]> {
  const definitions = async () => {
    const { rows } = await database.query<{ name: string; definition: string }>(
      `select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('scheduler', 'scheduler_private')`,
    );
    return new Map(rows.map((row) => [row.name, row.definition]));
  };
  const committed = await definitions();
  await database.query('begin');
  for await (const file of glob(join(import.meta.dirname, 'schema/**/*.sql'))) {
    const sql = await readFile(file, 'utf8');
    const statement = /^create or replace (?:function|procedure)[\s\S]*?;(?=\nalter )/m.exec(
      sql,
    )?.[0];
    if (statement) await database.query(statement);
  }
  const edited = await definitions();
  await database.query('rollback');
  return [...edited]
    .filter(([name, definition]) => committed.get(name) !== definition)
    .map(([name]) => `${name}: db/schema differs from the committed migrations`);
}
