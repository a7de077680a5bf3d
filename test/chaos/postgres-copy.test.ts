import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChaosPostgres, startPostgres } from '../../chaos/services/postgres.ts';
import { query } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { ownFolder } from '../harness/own-services.ts';

const dataDir = ownFolder('chaos-copy');
const options = { dataDir, say: () => undefined };
let postgres: ChaosPostgres;

beforeAll(async () => {
  postgres = await startPostgres(options);
  await query(postgres.url, 'create table facts (fact text)');
});

afterAll(() => postgres?.dispose());

const write = (fact: string) => query(postgres.url, 'insert into facts values ($1)', [fact]);

async function facts(): Promise<string[]> {
  const rows = await query<{ fact: string }>(postgres.url, 'select fact from facts order by fact');
  return rows.map(({ fact }) => fact);
}

test('a crash loses nothing that was committed', async () => {
  await write('before the crash');
  await postgres.stop('immediate');
  await expect(facts()).rejects.toThrow();
  await postgres.start();
  expect(await facts()).toEqual(['before the crash']);
});

test('a copy brings back what was, as often as it is wanted; what came later is gone', async () => {
  await query(postgres.url, 'truncate facts');
  await write('old');
  await postgres.takeCopy('first');
  await write('new');
  await postgres.takeCopy();
  await write('newest');
  await postgres.restoreCopy('first');
  expect(await facts()).toEqual(['old']);
  await write('other');
  await postgres.restoreCopy('first');
  expect(await facts()).toEqual(['old']);
  await postgres.restoreCopy();
  expect(await facts()).toEqual(['new', 'old']);
  await expect(postgres.restoreCopy('unknown')).rejects.toThrow('there is no copy unknown');
  await postgres.start();
});

test('a copy that was taken while commits had to wait does not hang', async () => {
  await query(postgres.url, `alter system set synchronous_standby_names = 'nobody'`);
  await postgres.takeCopy();
  await postgres.restoreCopy();
  await write('goes on');
});

test('pg_cron can be stopped and started', async () => {
  await migrate({ databaseUrl: postgres.url, say: () => undefined });
  const active = () => query(postgres.url, 'select distinct active from cron.job');
  await postgres.stopCron();
  expect(await active()).toEqual([{ active: false }]);
  await postgres.startCron();
  expect(await active()).toEqual([{ active: true }]);
});

test('one that a harness left running is replaced by an empty one', async () => {
  const left = postgres.url;
  postgres = await startPostgres(options);
  await expect(facts()).rejects.toThrow('does not exist');
  await expect(query(left, 'select')).rejects.toThrow();
});
