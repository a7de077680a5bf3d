import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { type OwnPostgres, ownPostgres } from '../harness/own-services.ts';
import { timesLogged, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage, statesOf } from '../harness/stage.ts';

let postgres: OwnPostgres;
let stage: Stage;

beforeAll(async () => {
  postgres = await ownPostgres('postgres-away');
  stage = await setStage('postgres-away', { database: postgres.database });
});

afterEach(() => stage?.killRelays());

afterAll(async () => {
  await stage?.close();
  await postgres?.dispose();
});

test.each(['fast', 'immediate'] as const)(
  'Postgres is restarted (%s) twice in mid-burst: every event once, no attempts',
  async (mode) => {
    const ids = await schedule(stage, { count: 3_000 });
    const relay = stage.relay({ settings: { BATCH_EVENTS: '5' } });
    const batches = () => relay.steps.filter((step) => step === 'confirmed').length;
    for (let restart = 0; restart < 2; restart++) {
      const before = batches();
      await waitFor('it is busy', 20_000, () => batches() > before + 8);
      await postgres.stop(mode);
      await postgres.start();
    }
    expect(batches()).toBeLessThan(600);
    await expectPublishedOnce(stage, ids);
    expect((await statesOf(stage, ids)).filter(({ retry }) => retry > 0)).toEqual([]);
  },
);

test('after Postgres was away for some failed rounds an idle relay listens again and publishes', async () => {
  const relay = stage.relay({ settings: { POLL_SECONDS: '1' } });
  await untilReady(relay);
  await expectPublishedOnce(stage, await schedule(stage, { count: 50 }));
  await postgres.stop('immediate');
  await waitFor('it misses Postgres', 30_000, () => {
    return timesLogged(relay, 'leases not renewed') > 3;
  });
  await postgres.start();
  await expectPublishedOnce(stage, await schedule(stage, { count: 50 }));
});

test('a relay that starts while Postgres is away waits for it', async () => {
  const ids = await schedule(stage, { count: 50 });
  await postgres.stop('fast');
  const relay = stage.relay();
  await waitFor('it tries', 20_000, () => timesLogged(relay, 'not started yet') > 0);
  await postgres.start();
  await expectPublishedOnce(stage, ids);
});
