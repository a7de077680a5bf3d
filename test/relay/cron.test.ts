import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { roleUrl } from '../../db/roles.ts';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

const url = inject('cronUrl');
let stage: Stage;

beforeAll(async () => {
  const drop = async () => undefined;
  const apiUrl = roleUrl(url, 'scheduler_api');
  const relayUrl = roleUrl(url, 'scheduler_relay');
  stage = await setStage('cron', { topics: 1, database: { url, apiUrl, relayUrl, drop } });
  await query(url, `update scheduler_private.settings set horizon = '1 millisecond'`);
});

afterAll(async () => {
  await query(url, `update scheduler_private.settings set horizon = default`);
  await query(url, 'delete from scheduler_private.deployment');
  await stage?.close();
});

test('pg_cron’s tick wakes a relay within two seconds for an event that nobody notified', async () => {
  // pg_cron below 1.5 begins with the minute and then ticks every second until the next.
  await waitFor('pg_cron ticks', 75_000, async () => {
    const rows = await query(
      url,
      `select from scheduler_private.ticks where ticked_at > clock_timestamp() - interval '2 seconds'`,
    );
    return rows.length === 1;
  });
  await untilReady(stage.relay({ settings: { POLL_SECONDS: '300' } }));
  await expectPublishedOnce(stage, await schedule(stage, { count: 40 }), 15_000);
  for (let round = 0; round < 3; round++) {
    const at = Date.now() + 700;
    const ids = await schedule(stage, { count: 8, at: new Date(at).toISOString() });
    await expectPublishedOnce(stage, ids, 15_000);
    const late = stage.reader.messages
      .filter(({ headers }) => ids.includes(headers.ce_id ?? ''))
      .map((message) => message.at - at);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(2_000);
  }
}, 120_000);
