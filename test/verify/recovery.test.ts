import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { type RelayProcess, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage('recovery');
});

afterAll(() => stage?.close());

const KILLS = 25;
/** The defaults, which the harness makes shorter for other tests. */
const settings = { LEASE_SECONDS: '3', POLL_SECONDS: '5' };

async function lanesOf({ pid }: RelayProcess): Promise<number[]> {
  const rows = await query<{ lane: number }>(
    stage.database.url,
    `select lane from scheduler.lanes where relay like '%:' || $1`,
    [pid],
  );
  return rows.map(({ lane }) => lane);
}

/** Seconds from now until something that was scheduled after now is published on each of the lanes. */
async function untilServed(lanes: number[], ids: string[]): Promise<number[]> {
  const [clock] = await query<{ now: string }>(
    stage.database.url,
    'select clock_timestamp()::text as now',
  );
  return waitFor('the lanes are served again', 30_000, async () => {
    ids.push(...(await schedule(stage, { count: 12 })));
    const rows = await query<{ seconds: number }>(
      stage.database.url,
      `select extract(epoch from min(published_at) - $1::timestamptz)::float8 as seconds
       from scheduler_private.events where created_at > $1::timestamptz and published_at is not null
         and lane = any ($2) group by lane`,
      [clock?.now, lanes],
    );
    return rows.length === lanes.length && rows.map(({ seconds }) => seconds);
  });
}

test('after kill -9 of one of two relays its lanes are served by the other within 5 s', async () => {
  const start = async () => {
    const relay = stage.relay({ settings });
    await untilReady(relay);
    return relay;
  };
  const relays = [await start(), await start()];
  const ids: string[] = [];
  const seconds: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await waitFor('both have their share', 20_000, async () => {
      const shares = await Promise.all(relays.map(lanesOf));
      return shares.every((lanes) => lanes.length === 2);
    });
    const [victim, survivor] = relays.splice(0) as [RelayProcess, RelayProcess];
    const lanes = await lanesOf(victim);
    victim.kill('SIGKILL');
    seconds.push(...(await untilServed(lanes, ids)));
    relays.push(survivor, await start());
  }
  seconds.sort((a, b) => a - b);
  const at = (share: number) => seconds[Math.ceil(share * seconds.length) - 1] ?? Number.NaN;
  process.stderr.write(
    `served again after ${KILLS} kills: median ${at(0.5).toFixed(2)} s, p99 ${at(0.99).toFixed(2)} s\n`,
  );
  expect(seconds).toHaveLength(2 * KILLS);
  expect(at(0.99)).toBeLessThan(5);
  await expectPublishedOnce(stage, ids);
}, 900_000);
