import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { connect, type Session } from './session.ts';

/** pg_cron itself, in the one database that it works in. */

let dba: Session;
beforeAll(async () => {
  dba = await connect(inject('cronUrl'));
});
afterAll(() => dba.client.end());

test('install_cron, run again, keeps its jobs', async () => {
  const jobs = `select jobname, schedule, command, active from cron.job
    where database = current_database() order by jobname`;
  const before = await dba.rows(jobs);
  expect(before.map(({ jobname }) => jobname)).toEqual([
    'scheduler cron history',
    'scheduler retention',
    'scheduler tick',
    'scheduler time zones',
  ]);
  for (let i = 0; i < 2; i++) {
    expect(await dba.value('select scheduler_private.install_cron()')).toMatch(/^every second/);
  }
  expect(await dba.rows(jobs)).toEqual(before);
});

test('the tick runs every second', async () => {
  const tickedAt = 'select ticked_at from scheduler_private.ticks';
  const begin = await dba.value<Date>('select now()');
  const ticks = new Set<number>();
  // pg_cron 1.4 starts a job at the next whole minute.
  await waitFor('five ticks', 75_000, async () => {
    const at = await dba.value<Date | null>(tickedAt);
    if (at !== null && at > begin) ticks.add(at.getTime());
    return ticks.size >= 5;
  });
  const times = [...ticks];
  expect((times.at(-1) as number) - (times[0] as number)).toBeLessThan(15_000);
}, 90_000);

test('no run fails', async () => {
  const runs = `select status, return_message from cron.job_run_details
    where database = current_database() and start_time > now() - interval '20 seconds' and status = 'failed'`;
  expect(await dba.rows(runs)).toEqual([]);
});
