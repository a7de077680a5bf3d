import { loadSettings } from '../settings/settings.ts';
import { migrate } from './migrate.ts';

// `npm run db:migrate`: brings the database of DATABASE_URL up to date, and gives the login roles the
// passwords of API_DATABASE_URL and RELAY_DATABASE_URL, if those are set.

const { databaseUrl, apiDatabaseUrl, relayDatabaseUrl } = loadSettings();
if (!databaseUrl) {
  throw new Error('DATABASE_URL says which database to bring up to date, as its DBA');
}
const loginUrls = { scheduler_api: apiDatabaseUrl, scheduler_relay: relayDatabaseUrl };
await migrate({ databaseUrl, loginUrls, say: (line) => process.stderr.write(`${line}\n`) });
