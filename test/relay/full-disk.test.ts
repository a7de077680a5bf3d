import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { newEvent, type TestApi, testApi } from '../api/harness.ts';
import { query } from '../harness/database.ts';
import { type FullDisk, fillDisk } from '../harness/full-disk.ts';
import { type OwnPostgres, ownPostgres } from '../harness/own-services.ts';
import { timesLogged } from '../harness/relay.ts';
import {
  expectOnTopicsOnce,
  expectPublishedOnce,
  type Stage,
  schedule,
  setStage,
  statesOf,
} from '../harness/stage.ts';

let postgres: OwnPostgres;
let stage: Stage;
let api: TestApi;
let disk: FullDisk | undefined;

beforeAll(async () => {
  postgres = await ownPostgres('full-disk', 'native');
  stage = await setStage('full-disk', { database: postgres.database });
  api = await testApi({ database: postgres.database });
});

afterAll(async () => {
  disk?.makeRoom();
  await api?.close();
  await stage?.close();
  await postgres?.dispose();
});

const later = '2100-01-01T00:00:00Z';

async function stored(): Promise<{ events: number; contents: number }> {
  const [row] = await query<{ events: number; contents: number }>(
    stage.database.url,
    `select (select count(*)::integer from scheduler_private.events) as events,
       (select count(*)::integer from scheduler_private.event_contents) as contents`,
  );
  return row ?? { events: 0, contents: 0 };
}

/** Schedules until there is no room left. @returns the error that said so */
async function scheduleUntilFull(): Promise<pg.DatabaseError> {
  for (;;) {
    try {
      await schedule(stage, { count: 5_000, at: later });
    } catch (error) {
      if (error instanceof pg.DatabaseError) return error;
      throw error;
    }
  }
}

test('on a full disk nothing is half stored and nothing published twice; when there is room again all goes on by itself', async () => {
  const ids = await schedule(stage, { count: 400 });
  const [waiting = ''] = await schedule(stage, { at: later });
  disk = await fillDisk(postgres.url);
  expect(await scheduleUntilFull()).toMatchObject({ code: '53100' });
  const full = await stored();
  // The statement that failed has left nothing behind.
  expect(full.events % 5_000).toBe(401);
  expect(full.contents).toBe(full.events);

  const relay = stage.relay({ settings: { BATCH_EVENTS: '100' } });
  await waitFor('confirms fail', 20_000, () => timesLogged(relay, 'could not extend') > 4);
  const states = await statesOf(stage, ids);
  expect(states.filter(({ status, retry }) => status !== 'SCHEDULED' || retry > 0)).toEqual([]);
  for (const [method, path, body] of [
    ['POST', '/events', newEvent()],
    ['PATCH', `/events/${waiting}/cancel`, undefined],
  ] as const) {
    const { status, json, headers } = await api.request(method, path, body);
    expect([method, status, json.code]).toEqual([method, 503, 'database_unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(await stored()).toEqual(full);
  expect((await api.request('GET', `/events/${waiting}/status`)).json.status).toBe('SCHEDULED');
  // What is on the topics by now is there once: the ledger knows of it, though Postgres cannot note it.
  await stage.reader.drain();
  expect(stage.reader.messages.length).toBeGreaterThan(0);
  await expectOnTopicsOnce(
    stage,
    stage.reader.messages.map(({ headers }) => headers.ce_id ?? ''),
  );

  disk.makeRoom();
  await expectPublishedOnce(stage, ids);
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
  expect((await api.request('POST', '/events', newEvent())).status).toBe(201);
});
