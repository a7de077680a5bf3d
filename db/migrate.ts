import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, migrate as runMigrations } from 'graphile-migrate';
import pg from 'pg';
import { type LoginUrls, setRolePasswords } from './roles.ts';
import { storeTimezones } from './timezones.ts';

export interface MigrateOptions {
  /** DSN of a DBA (superuser) */
  readonly databaseUrl: string;
  /** of the login roles, if not derived from the DBA's */
  readonly loginUrls?: LoginUrls;
  /** one line of progress */
  readonly say: (line: string) => void;
}

const MIGRATIONS = 'scheduler migrations';
const migrationsFolder = new URL('./migrations', import.meta.url).pathname;

/**
 * Brings a database up to date: migrations, login roles, time zones, pg_cron's jobs. May run at
 * any time and in several processes at once; they wait for each other.
 * @throws whatever the database refuses; nothing is half done
 */
export async function migrate({ databaseUrl, loginUrls, say }: MigrateOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'scheduler set-up',
  });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('scheduler set-up', 0))`);
    await runMigrations({
      connectionString: named(databaseUrl, MIGRATIONS),
      migrationsFolder,
      logger: new Logger(() => (_level, message) => say(message)),
    });
    await setRolePasswords(client, databaseUrl, loginUrls);
    await storeTimezones(client);
    say(`pg_cron ticks ${await installCron(client)}`);
    await untilReleased(client);
  } finally {
    await client.end();
  }
}

function named(databaseUrl: string, application: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', application);
  return url.toString();
}

/**
 * graphile-migrate keeps its connections for a moment, and ends the process when one of them is cut in
 * that time: by a restart of Postgres, or who drops the database.
 */
async function untilReleased(client: pg.Client): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      'select from pg_stat_activity where application_name = $1 and datname = current_database()',
      [MIGRATIONS],
    );
    if (rowCount === 0) return;
    await sleep(50);
  }
}

async function installCron(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ ticks: string | null }>(
    'select scheduler_private.install_cron() as ticks',
  );
  return (
    rows[0]?.ticks ??
    'never: the extension pg_cron is not in this database (relays fall back to polling)'
  );
}
