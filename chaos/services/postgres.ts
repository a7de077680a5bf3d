import { existsSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { query } from '../../db/connect.ts';
import type { StopMode } from '../../local/contract.ts';
import { makeFolder } from '../../local/folders.ts';
import { type NativePostgres, obtainNativePostgres } from '../../local/postgres.ts';
import { bringBack, copyData } from './postgres-copy.ts';
import { type Moment, type Statement, terminateIn } from './terminate.ts';

export { MOMENTS, type Moment, STATEMENTS, type Statement } from './terminate.ts';

export interface ChaosPostgres {
  /** DSN of the DBA to the database `scheduler`, in which pg_cron works, too */
  readonly url: string;
  /** @param mode `immediate` is a crash; default `fast` */
  stop(mode?: StopMode): Promise<void>;
  /** Starts it again, on the same port and data; returns when it answers. */
  start(): Promise<void>;
  /**
   * Terminates a connection of a relay, or of the API, in the middle of a statement.
   * @param moment `inside`: before it commits, so that nothing has happened; `committed`: after, so
   *   that its answer is lost; default `inside`
   * @param limitMs milliseconds to wait for such a statement; default 5,000
   * @returns in words, what was hit; null when no such statement came by
   */
  terminate(statement: Statement, moment?: Moment, limitMs?: number): Promise<string | null>;
  /**
   * Copies everything there is as it is when the copy is ready, beside the running server and without
   * disturbing it.
   * @param name of the copy, letters and hyphens; takes the place of one of this name from before
   */
  takeCopy(name?: string): Promise<void>;
  /**
   * Crashes, and starts again with what the copy has; that stays for another time.
   * @throws Error when none was taken under this name
   */
  restoreCopy(name?: string): Promise<void>;
  /** From now on pg_cron does nothing: no job starts, and none that ticks goes on. */
  stopCron(): Promise<void>;
  /** From now on jobs start when it is their time: with pg_cron below 1.5 at the next whole minute. */
  startCron(): Promise<void>;
  /** Stops it, and removes its data. */
  dispose(): Promise<void>;
}

export interface PostgresOptions {
  /** what is in it from before is ended and removed */
  readonly dataDir: string;
  readonly say: (line: string) => void;
}

/**
 * Starts an empty Postgres with pg_cron, without the scheduler's schema.
 * @throws Error that says what to install, or what failed
 */
export async function startPostgres(options: PostgresOptions): Promise<ChaosPostgres> {
  makeFolder(options.dataDir);
  const dataDir = realpathSync(options.dataDir);
  const whole = { ...options, dataDir, purpose: 'test', cronDatabase: 'scheduler' } as const;
  const folder = join(dataDir, 'postgres');
  // Left running by a harness that was killed: the one who knows how to stop it is who obtains it.
  if (existsSync(join(folder, 'data', 'postmaster.pid'))) {
    await (await obtainNativePostgres(whole)).stop('immediate');
  }
  rmSync(folder, { recursive: true, force: true });
  const server = await obtainNativePostgres(whole);
  // For `terminate`, which has to find the function's name in longer statements than by default.
  await query(server.url, `alter system set track_activity_query_size = '16kB'`);
  await server.stop();
  await server.start();
  return chaosPostgres(server);
}

function chaosPostgres(server: NativePostgres): ChaosPostgres {
  const { url } = server;
  const start = async () => {
    await server.start();
    // In case it was stopped, or copied, while `terminate` had commits wait.
    await query(url, 'alter system reset synchronous_standby_names');
    await query(url, 'select pg_reload_conf()');
  };
  return {
    url,
    stop: (mode) => server.stop(mode),
    start,
    terminate: (statement, moment = 'inside', limitMs = 5_000) =>
      terminateIn(url, { statement, moment, limitMs }),
    takeCopy: (name = 'latest') => copyData(server, name),
    restoreCopy: async (name = 'latest') => {
      await server.stop('immediate');
      await bringBack(server, name);
      await start();
    },
    stopCron: () => setCron(url, false),
    startCron: () => setCron(url, true),
    dispose: async () => {
      await server.stop('immediate');
      rmSync(server.folder, { recursive: true });
    },
  };
}

async function setCron(url: string, active: boolean): Promise<void> {
  await query(url, 'select cron.alter_job(jobid, active => $1) from cron.job', [active]);
  // Below 1.5 a job ticks for a whole minute.
  if (!active)
    await query(
      url,
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where backend_type = 'pg_cron' and query like 'call scheduler_private.tick_for_a_minute%'`,
    );
}
