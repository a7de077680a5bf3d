import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ChaosPostgres,
  type Moment,
  STATEMENTS,
  type Statement,
  startPostgres,
} from '../../chaos/services/postgres.ts';
import { query } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { roleUrl } from '../../db/roles.ts';
import { ownFolder } from '../harness/own-services.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, setStage } from '../harness/stage.ts';

let postgres: ChaosPostgres;
let stage: Stage;
let callers: Callers;

beforeAll(async () => {
  postgres = await startPostgres({ dataDir: ownFolder('chaos-terminate'), say: () => undefined });
  await migrate({ databaseUrl: postgres.url, say: () => undefined });
  const apiUrl = roleUrl(postgres.url, 'scheduler_api');
  const relayUrl = roleUrl(postgres.url, 'scheduler_relay');
  const database = { url: postgres.url, apiUrl, relayUrl, drop: () => postgres.dispose() };
  stage = await setStage('terminate', { database, topics: 1 });
  await query(postgres.url, 'select scheduler.grant_topic($1, $2, true)', ['alice', 'test-']);
  await untilReady(stage.relay());
  callers = startCallers(stage);
});

afterAll(async () => {
  await callers?.stop();
  await stage?.close();
});

interface Callers {
  /** @returns ids that were acknowledged */
  stop(): Promise<string[]>;
}

/** Schedules one event after the other, in one statement each as the API does. */
function startCallers({ database, topics }: Stage): Callers {
  const pool = new pg.Pool({ connectionString: database.apiUrl, max: 1 });
  pool.on('error', () => undefined);
  const ids: string[] = [];
  let going = true;
  const ended = (async () => {
    while (going) {
      try {
        const { rows } = await pool.query<{ id: string }>(
          `with request as materialized (
            select set_config('scheduler.identity', 'alice', true),
              set_config('scheduler.identity_role', 'operator', true)
          )
          select e.id from request r cross join lateral scheduler.schedule_event(
            '2022-03-09T17:43:00Z', 'x', $1) e, pg_sleep(0.005)`,
          topics,
        );
        ids.push(...rows.map((row) => row.id));
      } catch (error) {
        // Its connection was terminated: by one of these it is told.
        const code = error instanceof pg.DatabaseError ? error.code : 'connection';
        if (code !== '57P01' && code !== 'connection') throw error;
      }
    }
    await pool.end();
  })();
  return {
    stop: async () => {
      going = false;
      await ended;
      return ids;
    },
  };
}

const committed = ['claim', 'confirm', 'schedule_event'] as const;
const cases: [Statement, Moment][] = [
  ...STATEMENTS.map((statement): [Statement, Moment] => [statement, 'inside']),
  ...committed.map((statement): [Statement, Moment] => [statement, 'committed']),
];

test.each(cases)('terminates a connection in %s, %s', async (statement, moment) => {
  const hit = await postgres.terminate(statement, moment, 10_000);
  expect(hit).toContain(`${statement} of scheduler_`);
});

test('what was acknowledged meanwhile is published once', async () => {
  const ids = await callers.stop();
  expect(ids.length).toBeGreaterThan(0);
  await expectPublishedOnce(stage, ids);
});
