import { join } from 'node:path';
import { commit } from 'graphile-migrate';
import pg from 'pg';
import { waitFor } from '../local/wait.ts';
import { withDatabase } from './connect.ts';
import { scratchPostgres } from './scratch-postgres.ts';

// `npm run db:commit`: makes db/migrations/current.sql, its includes inlined, the next committed
// migration, after running all of them in databases made for the purpose.

const say = (line: string) => process.stderr.write(`${line}\n`);
const { postgres } = await scratchPostgres(say);
const server = new pg.Client({ connectionString: postgres.url });
await server.connect();
const databases = ['migration_main', 'migration_shadow'] as const;
try {
  for (const name of databases) {
    await server.query(`drop database if exists ${name} with (force)`);
    await server.query(`create database ${name}`);
  }
  const [connectionString, shadowConnectionString] = databases.map((name) =>
    withDatabase(postgres.url, name),
  );
  await commit({
    connectionString: connectionString as string,
    shadowConnectionString: shadowConnectionString as string,
    rootConnectionString: postgres.url,
    migrationsFolder: join(import.meta.dirname, 'migrations'),
  });
} finally {
  // graphile-migrate's idle connections end the process when they are cut; they close by themselves.
  await waitFor('graphile-migrate lets the databases go', 10_000, async () => {
    for (const name of databases) await server.query(`drop database if exists ${name}`);
    return true;
  });
  await server.end();
  await postgres.dispose();
}
