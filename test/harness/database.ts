import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { query, withDatabase } from '../../db/connect.ts';
import { roleUrl } from '../../db/roles.ts';

export { query, withDatabase };

export interface TestDatabase {
  /** DSN of its DBA */
  readonly url: string;
  /** DSN of the login role scheduler_api */
  readonly apiUrl: string;
  /** DSN of the login role scheduler_relay */
  readonly relayUrl: string;
  drop(): Promise<void>;
}

/**
 * A database of its own, set up and empty.
 * @throws whatever Postgres refuses
 */
export async function testDatabase(): Promise<TestDatabase> {
  const template = inject('templateUrl');
  const server = withDatabase(template, 'postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await query(server, `create database ${name} template ${new URL(template).pathname.slice(1)}`);
  const url = withDatabase(template, name);
  return {
    url,
    apiUrl: roleUrl(url, 'scheduler_api'),
    relayUrl: roleUrl(url, 'scheduler_relay'),
    drop: async () => {
      await query(server, `drop database ${name} with (force)`);
    },
  };
}
