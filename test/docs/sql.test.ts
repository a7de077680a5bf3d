import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { dueAt, dueEvent, each, later, Relay } from '../db/lanes.ts';
import { type Session, test } from '../db/session.ts';

const document = await readFile(new URL('../../docs/sql.md', import.meta.url), 'utf8');

/** The statements under a heading; each ends with a semicolon at the end of a line. */
function statementsOf(heading: string): string[] {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```sql\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.split(/;\n/).filter((statement) => statement.trim() !== ''),
  );
}

/** What is all right to find nothing: nothing is late, no relay runs. */
const mayBeEmpty = /from scheduler\.(?:late|due_soon|throughput|relays)\b/;

async function runAll(session: Session, heading: string): Promise<string[]> {
  const statements = statementsOf(heading);
  expect(statements.length).toBeGreaterThan(0);
  await each(statements, async (sql) => {
    const { command, rowCount } = await session.client.query(sql);
    if (command === 'SELECT' && !mayBeEmpty.test(sql)) {
      expect([sql, rowCount === 0]).toEqual([sql, false]);
    }
  });
  return statements;
}

const series = '318849b6-39b9-47fb-8b23-4fd43089f03f';

/** Works the second day of the series out, as a relay would. */
async function expand(dba: Session, relay: Relay): Promise<void> {
  const lane = await relay.laneOf(series);
  const [{ version } = {}] = await relay.toExpand(lane);
  const instant = Date.parse('2035-04-16T01:00:00Z') / 1_000;
  const pending = [{ instant, wall: instant + 9 * 3_600, secondPass: false, revision: 1 }];
  const nothing = { settled: [], dropped: [], passed: null, judgedUntil: null, error: null };
  const expanded = { id: series, version, pending, exhausted: false, ...nothing };
  expect(await relay.storeOccurrences(lane, [expanded])).toBe(1);
  expect(await dba.value('select next_at from scheduler.event($1)', [series])).not.toBeNull();
}

/** An event of a producer that no broker took. */
async function failedEvent(producer: Session, relay: Relay): Promise<void> {
  const { id } = await dueEvent(producer, { destination_topic: 'orders.failed' });
  const lane = await relay.laneOf(id);
  await each([0, 1, 2], async (days) => {
    const now = later(days * 86_400);
    await relay.reject(lane, await relay.batch(lane, { now }), [id], { now });
  });
}

test('every statement of docs/sql.md does what it says, for the login that it is for', async ({
  database,
  dba,
  open,
  onTestFinished,
}) => {
  onTestFinished(async () => {
    for (const role of ['orders_app', 'duty', 'support']) {
      await dba.rows(`drop role if exists ${pg.escapeIdentifier(role)}`);
    }
  });
  await runAll(dba, 'Login roles');
  const login = (name: string) => {
    const url = new URL(database.url);
    url.username = name;
    url.password = 'change me';
    return open(url.toString());
  };
  const [producer, operator, reader] = (await Promise.all(
    ['orders_app', 'duty', 'support'].map(login),
  )) as [Session, Session, Session];
  const relay = new Relay(dba);

  await failedEvent(producer, relay);
  const [imports] = (await runAll(producer, 'Schedule')).slice(-1);
  await producer.rows(imports ?? '');
  const jobs = `select count(*)::int from scheduler.events where destination_topic = 'orders.jobs'`;
  expect(await producer.value(jobs)).toBe(2_000);
  await expand(dba, relay);

  for (const session of [producer, operator]) {
    await runAll(session, 'Look');
  }
  for (const statement of statementsOf('Look')) {
    await reader.rows(statement);
  }

  await runAll(producer, 'Change and cancel');
  const active = `${jobs} and status = 'SCHEDULED'`;
  expect(await producer.value(active)).toBe(0);

  const [first] = await dba.rows<{ lane: number; fence: string }>(
    'select lane, fence from scheduler_private.lanes order by lane limit 1',
  );
  if (!first) throw new Error('there are no lanes');
  await relay.quarantine(first);
  await dba.rows('select scheduler_private.tick($1)', [dueAt]);
  await runAll(operator, 'Watch and repair');
  expect(await dba.value('select count(*)::int from scheduler.lanes')).toBe(8);

  await runAll(dba, 'Settings of the deployment');
});
