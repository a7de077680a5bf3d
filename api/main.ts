import type { Logger } from 'pino';
import { loginUrl } from '../db/roles.ts';
import { createLog } from '../runtime/log.ts';
import { collectWhenIdle } from '../runtime/memory.ts';
import { loadSettings, type Settings } from '../settings/settings.ts';
import { type Api, startApi } from './server.ts';

/** Milliseconds after which what is still in flight at a stop is given up. */
const STOP_TIMEOUT = 8_000;

await main();

async function main(): Promise<void> {
  const log = createLog('api', 'info');
  try {
    const settings = loadSettings();
    log.level = settings.logLevel;
    const { host, port, identity, http } = settings;
    const databaseUrl = apiDatabaseUrl(settings);
    const api = await startApi({ databaseUrl, host, port, identity, http, log });
    stopOnSignal(api, log);
    collectWhenIdle();
    process.stdout.write(`ready ${JSON.stringify({ rest: api.rest, graphql: api.graphql })}\n`);
  } catch (error) {
    log.fatal(error, 'cannot start');
    process.exitCode = 1;
  }
}

function apiDatabaseUrl(settings: Settings): string {
  const url = loginUrl(settings, 'scheduler_api');
  if (url === undefined) {
    throw new Error('Set API_DATABASE_URL or DATABASE_URL: the API needs its Postgres.');
  }
  return url;
}

function stopOnSignal(api: Api, log: Logger): void {
  const stop = (signal: NodeJS.Signals) => {
    process.off('SIGTERM', stop).off('SIGINT', stop);
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.warn('gave up what was in flight');
      process.exit(0);
    }, STOP_TIMEOUT).unref();
    api.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(error, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
