import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { query } from '../db/connect.ts';
import { roleUrl } from '../db/roles.ts';
import { startChild } from '../local/children.ts';
import { holdsWithin } from '../local/wait.ts';
import { type Audience, openAudience } from './audience.ts';
import type { Death, History, LogRecord } from './history.ts';
import { mutateDatabase, preloadOf } from './mutants/loader.ts';
import { readLog } from './readers/log.ts';
import { Relays } from './relays/relays.ts';
import { EMPTY, type Venue } from './venue.ts';
import { testimonyOf } from './witness.ts';
import { restDoor } from './workload/rest-door.ts';
import { sqlDoor } from './workload/sql-door.ts';
import { startWorkload } from './workload/workload.ts';

export interface SiteOptions {
  readonly seed: string;
  /** what is wrong with the relay; null: nothing */
  readonly mutant: string | null;
}

/** What is seen once everything has come to rest. */
type Seen = Pick<
  History,
  'dueBy' | 'ceSource' | 'operations' | 'deliveries' | 'log' | 'audit' | 'rows' | 'lanes' | 'topics'
>;

/** Where a round is played: an empty database, topics, relays, an API, callers and readers. */
export interface Site extends Pick<Venue, 'postgres' | 'cluster' | 'proxies'> {
  readonly deployment: string;
  /** DSN of the DBA, past the proxies */
  readonly databaseUrl: string;
  readonly audience: Audience;
  readonly relays: Relays;
  /** Ends all disturbances, lets the callers end, waits until nothing is due, and looks. */
  settle(): Promise<Seen>;
  readLog(): Promise<LogRecord[]>;
  deaths(): Death[];
  close(): Promise<void>;
}

const RELAYS = 3;
/** ms for which one of the callers holds its locks */
const HOLD = 30;
/** ms that a caller pauses, at most */
const PAUSE = 60;
/** ms that the first events get to arrive */
const FIRST = 30_000;
/** ms that everything gets to come to rest; a mutant may never */
const REST = { sound: 90_000, mutant: 20_000 };

export async function openSite(venue: Venue, { seed, mutant }: SiteOptions): Promise<Site> {
  const { postgres, cluster, proxies, folder } = venue;
  await postgres.restoreCopy(EMPTY);
  if (mutant !== null) await mutateDatabase(postgres.url, mutant);
  const deployment = `chaos-${randomUUID()}`;
  const audience = await openAudience(cluster.brokers, deployment);
  const env = {
    ...process.env,
    DATABASE_URL: postgres.url,
    RELAY_DATABASE_URL: through(roleUrl(postgres.url, 'scheduler_relay'), 'relays-postgres'),
    API_DATABASE_URL: through(roleUrl(postgres.url, 'scheduler_api'), 'api-postgres'),
    KAFKA_BROKERS: cluster.proxied.join(','),
    DEPLOYMENT: deployment,
    LEASE_SECONDS: '1',
    POLL_SECONDS: '1',
    HOST: '127.0.0.1',
    PORT: '0',
    ...(mutant === null ? {} : { MUTANT: mutant }),
  };
  const apiLog = createWriteStream(join(folder, 'api.log'), { flags: 'a' });
  const api = startChild({
    name: 'api',
    program: 'api/main.ts',
    env,
    pass: (line) => apiLog.write(`${line}\n`),
  });
  const preload = mutant === null ? null : preloadOf();
  const relays = new Relays(RELAYS, { env, folder, preload });
  const apiDeaths: Death[] = [];
  let closing = false;
  api.ended.then((how) => {
    if (!closing) apiDeaths.push({ at: Date.now(), how: `api: ${how}` });
  });
  const { rest } = await api.ready;
  const sql = through(postgres.url, 'api-postgres');
  const workload = startWorkload({
    seed,
    doors: [...[1, 2, 3, 4].map(() => restDoor(rest as string)), sqlDoor(sql), sqlDoor(sql, HOLD)],
    destinations: audience.destinations,
    pause: PAUSE,
  });
  // Whether they ever do is for the oracle to judge.
  await holdsWithin(FIRST, () => audience.deliveries().length > 10);

  function through(url: string, proxy: string): string {
    const changed = new URL(url);
    changed.port = String(proxies.get(proxy)?.port);
    return changed.toString();
  }

  const logOf = () =>
    readLog({
      brokers: cluster.brokers,
      topics: audience.facts().filter(exists).map(nameOf),
      folder,
      say: venue.say,
    });
  return {
    postgres,
    cluster,
    proxies,
    deployment,
    databaseUrl: postgres.url,
    audience,
    relays,
    readLog: logOf,
    deaths: () => [...relays.deaths, ...apiDeaths],
    settle: async () => {
      for (const proxy of proxies.values()) proxy.heal();
      await workload.stop();
      const limit = mutant === null ? REST.sound : REST.mutant;
      const atRest = await holdsWithin(limit, () => isAtRest(postgres.url));
      const dueBy = Date.now();
      // What is looked at must not change meanwhile; that it is not at rest is for the oracle to judge.
      if (!atRest) await relays.stop();
      await audience.drain();
      return {
        dueBy,
        ceSource: `/scheduler/${deployment}`,
        operations: workload.operations,
        deliveries: audience.deliveries(),
        log: await logOf(),
        ...(await testimonyOf(postgres.url)),
        topics: audience.facts(),
      };
    },
    close: async () => {
      closing = true;
      await workload.stop();
      await Promise.all([api.end(5_000), relays.stop()]);
      apiLog.end();
      await audience.close();
    },
  };
}

function exists({ kind }: { readonly kind: string }): boolean {
  return kind !== 'missing';
}

function nameOf({ topic }: { readonly topic: string }): string {
  return topic;
}

/** Whether nothing is due soon, no series waits for its occurrences, and no batch is open. */
async function isAtRest(databaseUrl: string): Promise<boolean> {
  const [row] = await query<{ busy: boolean }>(
    databaseUrl,
    `select exists (select from scheduler_private.events
        where due_at < clock_timestamp() + interval '1 minute' or expand_by is not null)
      or exists (select from scheduler_private.batches) as busy`,
  );
  return row?.busy === false;
}
