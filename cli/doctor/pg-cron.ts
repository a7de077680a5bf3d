import type pg from 'pg';
import { type Finding, ok, problem, warning } from './finding.ts';

const TICK = 'scheduler tick';
/** seconds; it ticks every second, with pg_cron 1.4 in jobs of a minute */
const TOLERATED_SILENCE = 10;

const JOB = `
  select j.active, r.status, r.return_message as message
  from cron.job j
  left join lateral (
    select d.status, d.return_message from cron.job_run_details d
    where d.jobid = j.jobid order by d.runid desc limit 1
  ) r on true
  where j.jobname = $1 and j.database = current_database()`;

interface Job {
  readonly active: boolean;
  /** of its last run; null: there was none yet */
  readonly status: string | null;
  readonly message: string | null;
}

/** Whether pg_cron is there, has our jobs, and ticks. */
export async function checkCron(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<{ version: string | null; silence: number | null }>(
    `select (select extversion from pg_extension where extname = 'pg_cron') as version,
       (select extract(epoch from clock_timestamp() - ticked_at)::float
        from scheduler_private.ticks) as silence`,
  );
  const { version = null, silence = null } = rows[0] ?? {};
  if (version === null) {
    const remedy =
      'Name this database in cron.database_name, `create extension pg_cron`, `npm run db:migrate`.';
    const detail = 'not in this database: relays fall back to polling, and nothing is ever deleted';
    return [warning('pg_cron', detail, remedy)];
  }
  const { rows: jobs } = await client.query<Job>(JOB, [TICK]);
  return [checkJob(version, jobs[0]), checkTick(silence, jobs[0])];
}

function checkJob(version: string, job: Job | undefined): Finding {
  if (!job) {
    const detail = `pg_cron ${version} has no job “${TICK}”`;
    return problem('pg_cron', detail, 'Run `npm run db:migrate`, which makes its jobs.');
  }
  if (!job.active) {
    const remedy = `update cron.job set active = true where jobname like 'scheduler %';`;
    return problem('pg_cron', `its job “${TICK}” is switched off`, remedy);
  }
  return ok('pg_cron', `version ${version}, the last run: ${job.status ?? 'none yet'}`);
}

/** A run that failed is no news when it ticks again: so it is after each restart of Postgres. */
function checkTick(silence: number | null, job: Job | undefined): Finding {
  const when = silence === null ? 'never' : `the last one ${silence.toFixed(1)} s ago`;
  if (silence !== null && silence <= TOLERATED_SILENCE) return ok('tick', when);
  if (job?.status === 'failed') {
    const remedy = 'See cron.job_run_details; the jobs run as who ran `npm run db:migrate`.';
    return problem('tick', `${when}; the last run failed: ${job.message}`, remedy);
  }
  const remedy =
    'Up to a minute after a start it is early; else look for the pg_cron launcher in pg_stat_activity (shared_preload_libraries).';
  return problem('tick', when, remedy);
}
