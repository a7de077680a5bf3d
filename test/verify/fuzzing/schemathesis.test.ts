import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, type TestApi, testApi } from '../../api/harness.ts';
import { nextOf } from '../../api/series/series.ts';
import { type Stage, setStage } from '../../harness/stage.ts';
import { toolFolder } from '../tool-folder.ts';
import { virtualEnvironment } from '../virtual-environment.ts';

// Schemathesis makes requests of the description, valid and broken ones, alone and along the links from
// answer to answer, while a relay publishes what is due. Needs Python >= 3.10 with venv, and PyPI.

const run = promisify(execFile);
const PACKAGES = ['schemathesis==4.32.5'];
/** Requests in all, in rounds of other seeds. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 20_000);
const ROUND_SECONDS = 120;
const SEED = Number(process.env.FUZZ_SEED ?? 9457);

let stage: Stage;
let it: TestApi;
let st: string;
beforeAll(async () => {
  const venv = join(toolFolder('schemathesis'), 'venv');
  st = join(dirname(await virtualEnvironment(venv, PACKAGES)), 'st');
  stage = await setStage('fuzzing', {
    topics: ['a-destination-topic', 'notification.notifications'],
  });
  stage.relay();
  it = await testApi({ database: stage.database });
}, 600_000);
afterAll(async () => {
  await it?.close();
  await stage?.close();
});

/** @returns how many requests were made @throws Error with what was not as it is described */
async function fuzz(seed: number): Promise<number> {
  const parameters = [
    ...['run', `${it.api.rest}/openapi.json`, '--seed', String(seed), '--no-color'],
    // More workers make no more requests, and trip over Python's own parser (CPython issue 106905).
    ...['--workers', '1', '--max-time', String(ROUND_SECONDS), '--max-examples', '1000'],
    ...['--request-timeout', '60'],
    // The schemas say what is text; what text means they cannot say, so that much of it is refused.
    ...['--exclude-checks', 'positive_data_acceptance', '--warnings', 'off'],
    ...['--suppress-health-check', 'all', '--continue-on-failure', '--no-shrink'],
  ];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: import.meta.dirname };
  const cwd = toolFolder('schemathesis');
  const options = { cwd, env, maxBuffer: 64 * 1024 * 1024 };
  const output = await run(st, parameters, options).then(
    ({ stdout }) => stdout,
    (error: Error & { stdout?: string }) => {
      throw new Error(error.stdout?.slice(-20_000) || error.message);
    },
  );
  const [, generated = '0'] = /(\d+) generated/.exec(output) ?? [];
  return Number(generated);
}

test(`${REQUESTS} requests are answered as described, none by a fault of the server`, {
  timeout: 3_600_000,
}, async () => {
  let made = 0;
  for (let seed = SEED; made < REQUESTS; seed += 1) {
    const more = await fuzz(seed);
    expect(more).toBeGreaterThan(0);
    made += more;
    process.stderr.write(`seed ${seed}: ${made} requests so far\n`);
  }
  const faults = it.log.map((line) => JSON.parse(line) as Json).filter(({ level }) => level === 50);
  expect(faults).toEqual([]);
});

test('afterwards nothing is half stored', async () => {
  const { rows } = await it.dba.query<Record<string, number>>(`
    select
      (select count(*) from scheduler_private.events e
       where not exists (select from scheduler_private.event_contents c where c.event_id = e.id)) as without_contents,
      (select count(*) from scheduler_private.events e
       where recurs <> exists (select from scheduler_private.series s where s.event_id = e.id)) as without_series,
      (select count(*) from scheduler_private.events e
       where (series_id is not null)
         <> exists (select from scheduler_private.exceptions x where x.event_id = e.id)) as without_original,
      (select count(*) from scheduler_private.events e
       where status <> 'SCHEDULED' and (due_at is not null or expand_by is not null)) as final_and_due,
      (select count(*) from scheduler_private.events e
       where (status = 'PUBLISHED') <> (published_at is not null)) as published_without_instant`);
  expect(rows.map((row) => Object.entries(row).filter(([, count]) => Number(count) > 0))).toEqual([
    [],
  ]);
});

test('and all of it can be read, as described', { timeout: 600_000 }, async () => {
  const seen = new Set<unknown>();
  for (let path: string | undefined = '/events?limit=1000'; path; ) {
    const answer = await it.request('GET', path);
    expect(answer.status).toBe(200);
    for (const { id } of answer.json as unknown as Json[]) {
      seen.add(id);
    }
    path = nextOf(answer);
  }
  const { rows } = await it.dba.query<{ id: string }>('select id from scheduler.events');
  const missing = rows.map(({ id }) => id).filter((id) => !seen.has(id));
  // Canceled exceptions that are no occurrence any more are tombstones: not listed, and 404.
  for (const id of missing) {
    expect((await it.request('GET', `/events/${id}`)).status).toBe(404);
  }
  expect(seen.size).toBeGreaterThan(100);
});
