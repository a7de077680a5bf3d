import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { migrate } from '../../db/migrate.ts';
import { roleUrl } from '../../db/roles.ts';
import { checkout, defaultDataDir } from '../../local/folders.ts';
import {
  type KafkaService,
  obtainKafka,
  obtainPostgres,
  type PostgresService,
  type ServiceOptions,
} from '../../local/services.ts';
import { loadSettings } from '../../settings/settings.ts';
import { query, type TestDatabase, withDatabase } from './database.ts';

/** Where a service of one test file keeps its data. */
export function ownFolder(name: string): string {
  return join(loadSettings().dataDir ?? defaultDataDir(checkout), `test-${name}`);
}

function options(name: string, how?: 'native'): ServiceOptions {
  const services = how ?? loadSettings().services;
  return { dataDir: ownFolder(name), purpose: 'test', services, say: () => undefined };
}

/**
 * A Kafka of a test file's own, which it may stop and start. To be disposed of.
 * @param how native: for tests that need its properties
 */
export function ownKafka(name: string, how?: 'native'): Promise<KafkaService> {
  return obtainKafka(options(name, how));
}

export interface OwnPostgres extends PostgresService {
  /** a new, empty database of the scheduler */
  readonly database: TestDatabase;
}

/**
 * A Postgres of a test file's own, which it may stop and start. To be disposed of.
 * @param how native: for tests that need its processes
 */
export async function ownPostgres(name: string, how?: 'native'): Promise<OwnPostgres> {
  const postgres = await obtainPostgres(options(name, how));
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const url = withDatabase(postgres.url, database);
  await query(postgres.url, `create database ${database}`);
  await migrate({ databaseUrl: url, say: () => undefined });
  const drop = async () => {
    await query(postgres.url, `drop database ${database} with (force)`);
  };
  return {
    ...postgres,
    database: {
      url,
      apiUrl: roleUrl(url, 'scheduler_api'),
      relayUrl: roleUrl(url, 'scheduler_relay'),
      drop,
    },
  };
}
