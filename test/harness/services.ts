import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../db/migrate.ts';
import { checkout, defaultDataDir } from '../../local/folders.ts';
import { claimInstance } from '../../local/instance.ts';
import { obtainServices } from '../../local/services.ts';
import { loadSettings } from '../../settings/settings.ts';
import { query, withDatabase } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** DSN of a DBA to a database that is copied for each test file; itself never used */
    readonly templateUrl: string;
    /** DSN of a DBA to the one database that pg_cron works in */
    readonly cronUrl: string;
    readonly kafkaBrokers: string[];
  }
}

const TEMPLATE = 'scheduler_template';
const CRON = 'scheduler_cron';

/** Obtains Postgres, pg_cron and Kafka once for all test files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const settings = loadSettings();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const dataDir = join(settings.dataDir ?? defaultDataDir(checkout), 'test');
  await claimInstance(dataDir, say);
  const { postgres, kafka } = await obtainServices({
    dataDir,
    purpose: 'test',
    databaseUrl: settings.databaseUrl,
    kafkaBrokers: settings.kafkaBrokers,
    services: settings.services,
    cronDatabase: CRON,
    say,
  });
  const templateUrl = withDatabase(postgres.url, TEMPLATE);
  const cronUrl = withDatabase(postgres.url, CRON);
  await query(postgres.url, `drop database if exists ${TEMPLATE} with (force)`);
  await query(postgres.url, `create database ${TEMPLATE}`);
  await migrate({ databaseUrl: templateUrl, say });
  await query(
    cronUrl,
    `drop schema if exists scheduler, scheduler_private, graphile_migrate cascade`,
  );
  await migrate({ databaseUrl: cronUrl, say });
  project.provide('templateUrl', templateUrl);
  project.provide('cronUrl', cronUrl);
  project.provide('kafkaBrokers', kafka.brokers);
  return async () => {
    await Promise.all([postgres.dispose(), kafka.dispose()]);
  };
}
