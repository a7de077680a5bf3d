import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../../local/wait.ts';
import { query } from '../harness/database.ts';
import { type RelayProcess, timesLogged, untilReady } from '../harness/relay.ts';
import { expectPublishedOnce, type Stage, schedule, setStage } from '../harness/stage.ts';

let stage: Stage;
let relay: RelayProcess;
let strangerUrl: string;
const role = `stranger_${randomUUID().replaceAll('-', '')}`;

beforeAll(async () => {
  stage = await setStage('flood', { topics: 1 });
  const { url } = stage.database;
  const name = new URL(url).pathname.slice(1);
  await query(url, `alter database ${name} set track_functions = 'pl'`);
  await query(url, `create role ${role} login password 'stranger'`);
  strangerUrl = Object.assign(new URL(url), { username: role, password: 'stranger' }).toString();
  relay = stage.relay();
  await untilReady(relay);
  await expectPublishedOnce(stage, await schedule(stage, { count: 40 }));
});

afterAll(async () => {
  if (!stage) return;
  await stage.killRelays();
  await query(stage.database.url, `drop role ${role}`);
  await stage.close();
});

const LANES = 4;
/** Hints that a lane follows at once, and then per second (relay/lane.ts). */
const BURST = 50;

/** Most looks for work of all lanes that hints may cost in a time, with the polls. */
function allowed(seconds: number): number {
  return LANES * (BURST + (BURST + 1) * seconds + 10);
}

async function claims(): Promise<number> {
  const [row] = await query<{ calls: number }>(
    stage.database.url,
    `select calls::integer from pg_stat_user_functions where funcname = 'claim'`,
  );
  return row?.calls ?? 0;
}

/** Notifications of valid lanes, each in a transaction of its own, from several connections. */
async function flood(each: number): Promise<number> {
  const begun = performance.now();
  await Promise.all(
    [0, 1, 2, 3].map((lane) =>
      query(
        strangerUrl,
        `do $$ begin
          for n in 1..${each} loop
            perform pg_notify('scheduler_lanes', ((n + ${lane}) % ${LANES})::text);
            commit;
          end loop;
        end $$`,
      ),
    ),
  );
  return (performance.now() - begun) / 1_000;
}

/** In one statement: equal payloads would be one notification. */
const many = `select pg_notify('scheduler_lanes', case n % 4
    when 0 then lpad((n % 3)::text, 1 + n / 4 % 4000, '0')
    when 1 then md5(n::text)
    when 2 then rpad(n::text, 7990, 'x')
    else n::text end) from generate_series(1, $1::integer) n`;

test('20,000 notifications of a stranger cost a bounded number of claims, and an honest event among them is on time within a tick', async () => {
  const before = await claims();
  const flooding = flood(2_500);
  const honest = new Date(Date.now() + 400).toISOString();
  const ids = await schedule(stage, { count: 20, at: honest });
  await query(strangerUrl, many, [10_000]);
  const seconds = await flooding;
  await expectPublishedOnce(stage, ids);
  const late = stage.reader.messages
    .filter(({ headers }) => ids.includes(headers.ce_id ?? ''))
    .map(({ at }) => at - Date.parse(honest));
  expect(Math.max(...late)).toBeLessThan(1_000);
  // A claim of an event that comes later has been counted: so have all of the flood.
  const after = await waitFor('the claims are counted', 10_000, async () => {
    await expectPublishedOnce(stage, await schedule(stage, { count: 8 }));
    // Postgres publishes the counts a second late: until then this is the one from before.
    const counted = await claims();
    return counted > before && counted;
  });
  const elapsed = seconds + 5;
  expect(after - before).toBeLessThan(allowed(elapsed));
  expect(after - before).toBeGreaterThan(0);
});

test('120,000 notifications do not make a quarantined lane work or write log lines without bound', async () => {
  await query(
    stage.database.url,
    `update scheduler_private.lanes set quarantined_at = now(), quarantine_reason = 'by a test'`,
  );
  await waitFor('it has noticed', 10_000, () => timesLogged(relay, 'lane stands still') >= LANES);
  const before = timesLogged(relay, 'lane stands still');
  const seconds = await flood(30_000);
  const written = timesLogged(relay, 'lane stands still') - before;
  expect(written).toBeLessThan(allowed(seconds));
});
