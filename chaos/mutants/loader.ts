import { join } from 'node:path';
import { withClient } from '../../db/connect.ts';
import { mutantNamed } from './catalogue.ts';
import { type Mutant, mutate } from './mutant.ts';

/** The file to be imported before a relay whose environment says MUTANT=<name>. */
export function preloadOf(): string {
  return join(import.meta.dirname, 'preload.ts');
}

/**
 * Makes a mutant's mistakes in the functions of a database of the harness's own.
 * @param url DSN of its DBA
 * @throws Error when there is no such mutant, or it no longer applies
 */
export async function mutateDatabase(url: string, name: string): Promise<void> {
  await applySql(url, mutantNamed(name));
}

/** All of its mistakes or none. Owners and grants of the functions stay as they are. */
export async function applySql(url: string, { name, sql = [] }: Mutant): Promise<void> {
  if (sql.length === 0) return;
  await withClient(url, async (client) => {
    await client.query('begin');
    for (const one of sql) {
      const { rows } = await client.query<{ source: string }>(
        'select pg_get_functiondef($1::regproc) as source',
        [one.function],
      );
      await client.query(mutate(rows[0]?.source ?? '', one, `${name}: ${one.function}`));
    }
    await client.query('commit');
  });
}
