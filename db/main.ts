import { loadSettings } from '../settings/settings.ts';
import { migrate } from './migrate.ts';

// `npm run db:migrate`: brings the database of DATABASE_URL up to date.

const { databaseUrl } = loadSettings();
if (!databaseUrl) {
  throw new Error('DATABASE_URL says which database to bring up to date, as its DBA');
}
await migrate({ databaseUrl, say: (line) => process.stderr.write(`${line}\n`) });
