import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { startApi } from '../api/server.ts';
import { query, withDatabase } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { roleUrl } from '../db/roles.ts';
import { scratchPostgres } from '../db/scratch-postgres.ts';
import { createLog } from '../runtime/log.ts';
import { schemaText } from './schema-text.ts';

// `npm run graphql:schema`: writes what GraphQL shows of the committed migrations into
// graphql/schema.graphql. A test compares them.

const say = (line: string) => process.stderr.write(`${line}\n`);
const { postgres } = await scratchPostgres(say);
const name = `graphql_${randomUUID().slice(0, 8)}`;
await query(postgres.url, `create database ${name}`);
try {
  const url = withDatabase(postgres.url, name);
  await migrate({ databaseUrl: url, say });
  const api = await startApi({
    databaseUrl: roleUrl(url, 'scheduler_api'),
    host: '127.0.0.1',
    port: 0,
    identity: { anonymousIdentity: undefined, tokens: undefined },
    log: createLog('api', 'warn'),
  });
  await writeFile(new URL('schema.graphql', import.meta.url), await schemaText(api.graphql));
  await api.close();
} finally {
  await query(postgres.url, `drop database ${name} with (force)`);
  await postgres.dispose();
}
