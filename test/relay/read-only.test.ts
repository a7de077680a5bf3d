import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { newEvent, type TestApi, testApi } from '../api/harness.ts';
import { query } from '../harness/database.ts';
import { type OwnPostgres, ownPostgres } from '../harness/own-services.ts';
import { type RelayProcess, timesLogged, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

let postgres: OwnPostgres;
let stage: Stage;
let api: TestApi;
let relay: RelayProcess;

beforeAll(async () => {
  postgres = await ownPostgres('read-only');
  stage = await setStage('read-only', { database: postgres.database });
  api = await testApi({ database: postgres.database });
  relay = stage.relay({ settings: { BATCH_EVENTS: '10' } });
  await untilReady(relay);
});

afterAll(async () => {
  await setReadOnly('off');
  await api?.close();
  await stage?.close();
  await postgres?.dispose();
});

/** As a failover to a standby that nobody has promoted, or an operator's emergency brake. */
async function setReadOnly(how: 'on' | 'off'): Promise<void> {
  await query(postgres.url, `alter system set default_transaction_read_only = ${how}`);
  await query(postgres.url, 'select pg_reload_conf()');
  await waitFor('it holds', 10_000, async () => {
    const [row] = await query<{ how: string }>(
      postgres.url,
      `select current_setting('default_transaction_read_only') as how`,
    );
    return row?.how === how;
  });
}

async function storedRows(): Promise<unknown> {
  return query(
    stage.database.url,
    `select (select count(*) from scheduler_private.events) as events,
       (select count(*) from scheduler_private.event_contents) as contents`,
  );
}

test('while Postgres is read-only the relay waits and the API answers 503; then all goes on by itself, nothing half done', async () => {
  const ids = await schedule(stage, { count: 1_500 });
  const batches = () => relay.steps.filter((step) => step === 'confirmed').length;
  await waitFor('it is busy', 20_000, () => batches() > 8);
  const waiting = newEvent({ scheduledAt: '2100-01-01T00:00:00Z', timezone: 'UTC' });
  expect((await api.request('POST', '/events', waiting)).status).toBe(201);

  await setReadOnly('on');
  await waitFor('it has been refused a few times', 20_000, () => {
    return timesLogged(relay, 'cannot execute') > 4 && timesLogged(relay, 'leases not renewed') > 1;
  });
  expect(batches()).toBeLessThan(150);
  const before = await storedRows();
  for (const [method, path, body] of [
    ['POST', '/events', newEvent()],
    ['PUT', `/events/${waiting.id}`, { ...waiting, payload: '' }],
    ['PATCH', `/events/${waiting.id}/cancel`, undefined],
  ] as const) {
    const { status, json, headers } = await api.request(method, path, body);
    expect([method, status, json.code]).toEqual([method, 503, 'database_unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(await storedRows()).toEqual(before);
  // What only reads goes on.
  expect(await api.request('GET', `/events/${waiting.id}/status`)).toMatchObject({
    status: 200,
    json: { status: 'SCHEDULED' },
  });

  const settled = batches();
  await setReadOnly('off');
  await expectPublishedOnce(stage, ids);
  expect(batches()).toBeGreaterThan(settled);
  expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
  expect((await api.request('PATCH', `/events/${waiting.id}/cancel`)).status).toBe(200);
});
