import { Logger, migrate as runMigrations } from 'graphile-migrate';
import pg from 'pg';
import { setRolePasswords } from './roles.ts';
import { storeTimezones } from './timezones.ts';

export interface MigrateOptions {
  /** DSN of a DBA (superuser) */
  readonly databaseUrl: string;
  /** one line of progress */
  readonly say: (line: string) => void;
}

const migrationsFolder = new URL('./migrations', import.meta.url).pathname;

/**
 * Brings a database up to date: migrations, login roles, time zones, pg_cron's jobs. May run at
 * any time and in several processes at once; they wait for each other.
 * @throws whatever the database refuses; nothing is half done
 */
export async function migrate({ databaseUrl, say }: MigrateOptions): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'scheduler set-up',
  });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('scheduler set-up', 0))`);
    await runMigrations({
      connectionString: databaseUrl,
      migrationsFolder,
      logger: new Logger(() => (_level, message) => say(message)),
    });
    await setRolePasswords(client, databaseUrl);
    await storeTimezones(client);
    say(`pg_cron ticks ${await installCron(client)}`);
  } finally {
    await client.end();
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
