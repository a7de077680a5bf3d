import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Signal } from '../../graphql/subscriptions/signal.ts';
import { Backlog, TopicChanges } from '../../graphql/subscriptions/topic-changes.ts';
import { type TestRelay, testRelay } from '../api/relay.ts';
import { openPool, query, type TestDatabase, testDatabase } from '../harness/database.ts';

let database: TestDatabase;
let relay: TestRelay;
let pool: pg.Pool;
beforeAll(async () => {
  database = await testDatabase();
  relay = await testRelay(database.relayUrl);
  pool = openPool({ connectionString: database.apiUrl, options: '-c timezone=UTC' });
});
afterAll(async () => {
  await relay.close();
  await pool.end();
  await database.drop();
});

const schedule = async (topic: string, count: number, at = '2022-01-01T00:00:00Z') => {
  const rows = await query<{ id: string }>(
    database.url,
    `select id from scheduler.schedule_events(array(select row(null, $3, null, 'x', $1,
       null, null, null, null, null, null, null, null)::scheduler.event_input from generate_series(1, $2::integer)))`,
    [topic, count, at],
  );
  return rows.map(({ id }) => id);
};
const rest = (backlog: Backlog) => backlog.take(10_000);

test('what changes is told once to each who watches, however often it is looked for', async () => {
  const topic = `t-${randomUUID()}`;
  const changes = new TopicChanges(pool);
  const [one, other, stranger] = [topic, topic, 'another'].map((watched) => {
    const backlog = new Backlog(new Signal());
    changes.add(watched, backlog);
    return backlog;
  }) as [Backlog, Backlog, Backlog];
  await changes.look();
  const ids = await schedule(topic, 30);
  await changes.look();
  expect(rest(one)).toBeNull();
  await relay.claimAll();
  await relay.confirm();
  await changes.look();
  await changes.look();
  for (const backlog of [one, other]) {
    expect(new Set(rest(backlog)?.ids)).toEqual(new Set(ids));
    expect(rest(backlog)).toBeNull();
  }
  expect(rest(stranger)).toBeNull();
});

test('what becomes visible later than what is newer is told all the same', async () => {
  const topic = `t-${randomUUID()}`;
  const [slow = '', quick = ''] = await schedule(topic, 2, '2099-01-01T00:00:00Z');
  const changes = new TopicChanges(pool);
  const backlog = new Backlog(new Signal());
  changes.add(topic, backlog);
  await changes.look();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('begin');
  await client.query('select scheduler.cancel_event($1)', [slow]);
  await query(database.url, 'select scheduler.cancel_event($1)', [quick]);
  await changes.look();
  expect(rest(backlog)?.ids).toEqual([quick]);
  await client.query('commit');
  await client.end();
  await changes.look();
  expect(rest(backlog)?.ids).toEqual([slow]);
});

test('more changes than one page are told, and who lags too far behind is told so', async () => {
  const topic = `t-${randomUUID()}`;
  const changes = new TopicChanges(pool);
  const backlog = new Backlog(new Signal());
  changes.add(topic, backlog);
  await changes.look();
  await schedule(topic, 2_500);
  await relay.claimAll();
  await relay.confirm();
  await changes.look();
  expect(backlog.take(10)).toMatchObject({ ids: { length: 10 }, complete: false });
  expect(backlog.take(10_000)).toMatchObject({ ids: { length: 490 }, complete: true });
});
