import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { query } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { type KafkaCluster, startCluster } from './services/kafka-cluster.ts';
import { type ChaosPostgres, startPostgres } from './services/postgres.ts';
import { startProxy, type TcpProxy } from './services/proxy.ts';

/** What all rounds share: a Postgres, a cluster of three brokers, and proxies in front of them. */
export interface Venue {
  /** data and logs */
  readonly folder: string;
  readonly postgres: ChaosPostgres;
  readonly cluster: KafkaCluster;
  /** `relays-postgres`, `api-postgres`, `kafka-1`, `kafka-2`, `kafka-3` */
  readonly proxies: ReadonlyMap<string, TcpProxy>;
  readonly say: (line: string) => void;
  close(): Promise<void>;
}

export interface VenueOptions {
  /** what is in it from before is replaced */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/** Copy of the database as it is before a round. */
export const EMPTY = 'empty';

/** Rejected events fail within a round; the rest is as it comes. */
const SETTINGS = `
  update scheduler_private.settings set retry_delays = array['300 ms', '600 ms']::interval[]`;

export async function openVenue({ folder, say }: VenueOptions): Promise<Venue> {
  mkdirSync(folder, { recursive: true });
  const proxies = new Map<string, TcpProxy>();
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closing.reverse()) await end();
  };
  try {
    const postgres = await startPostgres({ dataDir: folder, say });
    closing.push(() => postgres.dispose());
    for (const who of ['relays', 'api']) {
      proxies.set(`${who}-postgres`, await startProxy(Number(new URL(postgres.url).port)));
    }
    const cluster = await startCluster({
      dataDir: folder,
      say,
      advertised: async (id, target) => {
        const proxy = await startProxy(target);
        proxies.set(`kafka-${id}`, proxy);
        return proxy.port;
      },
    });
    closing.push(() => cluster.dispose());
    await migrate({ databaseUrl: postgres.url, say });
    await query(postgres.url, await readFile(join(import.meta.dirname, 'audit.sql'), 'utf8'));
    await query(postgres.url, SETTINGS);
    await postgres.takeCopy(EMPTY);
    closing.push(() => Promise.all([...proxies.values()].map((proxy) => proxy.close())));
    return { folder, postgres, cluster, proxies, say, close };
  } catch (error) {
    await close();
    throw error;
  }
}
